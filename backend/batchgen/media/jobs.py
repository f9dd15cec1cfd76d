"""What a decoder child can be asked for. Paths go in, small facts come out; pictures stay on disk."""

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from batchgen.media import colours, looks, pixels, tables

type Job = dict[str, Any]
type Answer = dict[str, Any]

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def check(job: Job) -> Answer:
    """Decodes the whole first frame once; its facts, and a thumbnail as WebP at `thumbnail`."""
    return _measured(job)[0]


def inspect(job: Job) -> Answer:
    """As `check`; with what the picture looks like."""
    facts, small = _measured(job)
    return facts | {"blank": looks.is_blank(small), "fingerprint": looks.fingerprint(small).hex()}


def _measured(job: Job) -> tuple[Answer, Image.Image]:
    frame = pixels.decode(Path(job["path"]), job["format"], job["max_pixels"], job["thumbnail_side"])
    if min(frame.size) < job["min_side"]:
        raise pixels.Refused("corrupt_image")
    small = pixels.finished(frame, job["thumbnail_side"])
    _write(Path(job["thumbnail"]), pixels.as_webp(small))
    alpha = {"has_alpha": frame.has_alpha, "see_through": _see_through(small)}
    return {"width": frame.size.width, "height": frame.size.height, **alpha}, small


def prepare(job: Job) -> Answer:
    """The picture as a provider gets it, at `output`."""
    frame = pixels.decode(Path(job["path"]), job["format"], job["max_pixels"], job["max_side"])
    picture = pixels.finished(frame, job["max_side"])
    if not (job["keep_alpha"] and _see_through(picture)):
        picture = colours.on_white(picture)
    data, mime, size = pixels.for_sending(picture, job["max_bytes"])
    _write(Path(job["output"]), data)
    return {"mime": mime, "width": size.width, "height": size.height, "fingerprint": looks.fingerprint(picture).hex()}


def table(job: Job) -> Answer:
    """The table at `path` as JSON at `output`. Whatever fails, the file is to blame."""
    try:
        tables.write_table(Path(job["path"]), Path(job["output"]))
    except tables.TableError as wrong:
        raise pixels.Refused(wrong.code) from None
    except MemoryError:
        raise
    except Exception as wrong:
        raise pixels.Refused("table_unreadable") from wrong
    return {}


JOBS: dict[str, Callable[[Job], Answer]] = {
    "check": check, "inspect": inspect, "prepare": prepare, "table": table,
}  # fmt: skip


def _see_through(picture: Image.Image) -> bool:
    """An alpha channel that is opaque everywhere would only make a PNG of a photograph."""
    return picture.mode == "RGBA" and picture.getchannel("A").getextrema() != (255, 255)


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as wrong:
        raise pixels.Refused("storage_full" if wrong.errno in _FULL else "storage_unavailable") from None
