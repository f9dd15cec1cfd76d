"""Which of the eight formats a file is, by its first bytes alone; names and MIME types are the sender's claims."""

HEAD_BYTES = 256  # enough for the brands of every HEIF family file met so far

_FIXED = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
)
_HEVC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
_AV1 = {b"avif", b"avis"}
_NEUTRAL = {b"mif1", b"msf1"}
_BMP_HEADERS = {12, 16, 40, 52, 56, 64, 108, 124}  # lengths of the header after the file header


def recognise(head: bytes) -> str | None:
    """The format whose magic `head` (the first 256 bytes) carries: jpeg png webp heif avif bmp tiff gif, or None."""
    for magic, name in _FIXED:
        if head.startswith(magic):
            return None if name == "tiff" and head[8:10] == b"CR" else name  # Canon's raw files pose as TIFF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return "bmp"
    if head[4:8] == b"ftyp":
        return _by_brand(head)
    return None


def _by_brand(head: bytes) -> str | None:
    end = min(int.from_bytes(head[:4], "big"), len(head))
    major, brands = head[8:12], {head[at : at + 4] for at in range(16, end - 3, 4)}
    if major in _AV1 or (major in _NEUTRAL and brands & _AV1):
        return "avif"
    if major in _HEVC or (major in _NEUTRAL and brands & _HEVC):
        return "heif"
    return None  # the family has videos and JPEG 2000 in it too
