"""The wiring of the storage, a part of bootstrap: settings -> where files lie."""

from batchgen.media.storage import DiskStorage, Storage
from batchgen.settings import Settings

_MIB = 2**20


def storage_of(settings: Settings) -> Storage:
    folder = settings.var_dir / "files"
    floor, low = settings.min_free_mb * _MIB, settings.low_free_mb * _MIB
    if not settings.storage_url:
        return DiskStorage(folder, min_free_bytes=floor, low_free_bytes=low)
    from batchgen.media.s3 import Bucket, S3Storage  # takes a while to load

    name, _, prefix = settings.storage_url.removeprefix("s3://").partition("/")
    bucket = Bucket(
        name, prefix.strip("/"), settings.storage_endpoint, settings.storage_region,
        settings.storage_access_key, settings.storage_secret_key, settings.storage_addressing,
        settings.storage_public_endpoint, settings.storage_link_seconds,
    )  # fmt: skip
    return S3Storage(bucket, folder, min_free_bytes=floor, low_free_bytes=low)
