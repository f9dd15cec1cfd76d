"""What becomes of a picture's bytes before anything else sees them: checked, measured, and made ready for sending."""

import tempfile
from pathlib import Path
from typing import Any

from batchgen.domain.models import ImageFacts
from batchgen.domain.pictures import InputImage
from batchgen.errors import AppError
from batchgen.media.decoders import DecoderLost, DecoderPool
from batchgen.media.formats import HEAD_BYTES, recognise
from batchgen.media.storage import disk_errors

__all__ = ["THUMBNAIL_SIDE", "Intake", "recognise"]

THUMBNAIL_SIDE = 336  # pixels, longest side
_MIN_RESULT_SIDE = 16
_MAX_RESULT_BYTES = 64 * 1024 * 1024  # a 4K PNG is larger than an upload may be
_OURS = {"decoder_busy", "storage_full", "storage_unavailable"}  # never the picture's fault


class Intake:
    """`max_bytes` of a file and `max_megapixels` (millions of pixels) of a picture that is taken in."""

    def __init__(
        self, decoders: DecoderPool, *, max_bytes: int, max_megapixels: float, scratch: Path | None = None
    ) -> None:
        self._decoders, self._max_bytes, self._max_megapixels = decoders, max_bytes, max_megapixels
        self._scratch = scratch

    def check(self, path: Path, *, name: str, thumbnail: Path) -> ImageFacts:
        """Decodes the whole file once; writes a WebP of at most 336 px to `thumbnail`.

        Raises AppError with `name` in it: empty_file, file_too_large, unsupported_format, too_many_pixels,
        corrupt_image; and decoder_busy, storage_full, storage_unavailable.
        """
        return self._facts("check", path, name, thumbnail, max_bytes=self._max_bytes, min_side=1)

    def inspect(self, path: Path, *, thumbnail: Path) -> ImageFacts:
        """A provider's answer, with the guards of `check`; its facts tell also what it looks like.

        Raises AppError bad_output for anything but a sound picture of at least 16 px a side, and decoder_busy,
        storage_full, storage_unavailable.
        """
        try:
            return self._facts("inspect", path, "", thumbnail, max_bytes=_MAX_RESULT_BYTES, min_side=_MIN_RESULT_SIDE)
        except AppError as wrong:
            if wrong.code in _OURS:
                raise
            raise AppError("bad_output", reason=wrong.code) from None

    def prepare(self, path: Path, *, max_side: int, max_bytes: int, keep_alpha: bool) -> InputImage:
        """As a provider gets it: upright, 8-bit sRGB, no metadata, longest side <= `max_side` pixels, at most
        `max_bytes`; PNG where see-through parts are kept, else JPEG on white.

        Raises AppError as `check` does.
        """
        name = path.name
        with disk_errors(), tempfile.NamedTemporaryFile(dir=self._scratch, prefix="prepare-") as output:
            job = self._job("prepare", path, name) | {
                "output": output.name, "max_side": max_side, "max_bytes": max_bytes, "keep_alpha": keep_alpha,
            }  # fmt: skip
            facts = self._ask(job, name)
            data, look = Path(output.name).read_bytes(), bytes.fromhex(facts["fingerprint"])
            return InputImage(data, facts["mime"], facts["width"], facts["height"], look)

    def _facts(self, kind: str, path: Path, name: str, thumbnail: Path, *, max_bytes: int, min_side: int) -> ImageFacts:
        job = self._job(kind, path, name, max_bytes) | {
            "thumbnail": str(thumbnail.absolute()), "thumbnail_side": THUMBNAIL_SIDE, "min_side": min_side,
        }  # fmt: skip
        facts = self._ask(job, name)
        return ImageFacts(
            job["format"], facts["width"], facts["height"], facts["has_alpha"], facts["see_through"],
            facts.get("blank", False), bytes.fromhex(facts.get("fingerprint", "")),
        )  # fmt: skip

    def _job(self, kind: str, path: Path, name: str, max_bytes: int | None = None) -> dict[str, Any]:
        """The first look, which needs no decoder: how long is it, and what does it say it is?"""
        try:
            size = path.stat().st_size
            with path.open("rb") as file:
                head = file.read(HEAD_BYTES)
        except OSError:
            raise AppError("storage_unavailable") from None
        if not head:
            raise AppError("empty_file", name=name)
        if max_bytes is not None and size > max_bytes:
            raise AppError("file_too_large", name=name, limit_mb=megabytes(max_bytes))
        found = recognise(head)
        if found is None:
            raise AppError("unsupported_format", name=name)
        pixels = int(self._max_megapixels * 1_000_000)
        return {"job": kind, "path": str(path.absolute()), "format": found, "max_pixels": pixels}

    def _ask(self, job: dict[str, Any], name: str) -> dict[str, Any]:
        try:
            answer = self._decoders.call(job)
        except DecoderLost:
            raise AppError("corrupt_image", name=name) from None
        code = answer.get("refused")
        if code is None:
            facts: dict[str, Any] = answer["ok"]
            return facts
        if code in _OURS:
            raise AppError(code)
        limits = {"too_many_pixels": {"limit_mp": f"{self._max_megapixels:g}"}}
        if code == "file_too_large":
            limits = {code: {"limit_mb": megabytes(job["max_bytes"])}}
        raise AppError(code, name=name, **limits.get(code, {}))


def megabytes(size: int) -> str:
    """`size` bytes as a sentence says it: "20", "0.5"."""
    return f"{size / 1024 / 1024:.3g}"
