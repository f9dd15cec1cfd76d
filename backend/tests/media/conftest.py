"""One pool of real decoder children for all tests of this folder, and an intake with the shipped limits."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from PIL import Image

from batchgen.domain.models import ImageFacts
from batchgen.domain.pictures import InputImage
from batchgen.errors import AppError
from batchgen.media.decoders import DecoderPool
from batchgen.media.intake import Intake
from batchgen.media.s3 import Bucket
from tests.fakes.s3_server import S3Server

MIB = 1024 * 1024
_NUMBERS = count()


def bucket_of(server: S3Server) -> Bucket:
    """A new one."""
    name = server.make_bucket(f"bucket-{next(_NUMBERS)}")
    return Bucket(name, "pro", server.url, access_key=server.access_key, secret_key=server.secret_key)


@pytest.fixture(scope="session")
def pool() -> Iterator[DecoderPool]:
    decoders = DecoderPool(2)
    yield decoders
    decoders.close()


class Desk:
    """Hands bytes to an intake and keeps the last thumbnail."""

    def __init__(self, intake: Intake, folder: Path) -> None:
        self.intake, self.folder = intake, folder
        self.thumbnail = folder / "thumbnail.webp"

    def file(self, data: bytes) -> Path:
        path = self.folder / "picture"
        path.write_bytes(data)
        return path

    def check(self, data: bytes, name: str = "a.jpg") -> ImageFacts:
        return self.intake.check(self.file(data), name=name, thumbnail=self.thumbnail)

    def inspect(self, data: bytes) -> ImageFacts:
        return self.intake.inspect(self.file(data), thumbnail=self.thumbnail)

    def prepare(
        self, data: bytes, *, max_side: int = 2048, max_bytes: int = 7 * MIB, keep_alpha: bool = True
    ) -> InputImage:
        return self.intake.prepare(self.file(data), max_side=max_side, max_bytes=max_bytes, keep_alpha=keep_alpha)

    def shown(self) -> Image.Image:
        with Image.open(self.thumbnail) as im:
            im.load()
            return im


@pytest.fixture
def desk(pool: DecoderPool, tmp_path: Path) -> Desk:
    return Desk(Intake(pool, max_bytes=20 * MIB, max_megapixels=50), tmp_path)


@pytest.fixture
def desk_with(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """A desk whose pool has limits of its own."""
    pools: list[DecoderPool] = []

    def make(**limits: float) -> Desk:
        pools.append(DecoderPool(1, **limits))  # type: ignore[arg-type]
        return Desk(Intake(pools[-1], max_bytes=20 * MIB, max_megapixels=50), tmp_path)

    yield make
    for one in pools:
        one.close()


def leftovers(folder: Path) -> list[str]:
    tmp = folder / "files" / "tmp"
    return [p.name for p in tmp.iterdir()] if tmp.exists() else []


def code(act: Callable[[], object]) -> str:
    with pytest.raises(AppError) as caught:
        act()
    return caught.value.code
