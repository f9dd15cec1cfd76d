"""What a picture looks like, in a few numbers: enough to tell an empty one, and one that is the input again. Runs in a
decoder child only."""

from PIL import Image, ImageStat

from batchgen.media import colours

_SIDE = 64  # noise and the traces of JPEG go in the average
_FLAT, _RANGE = 2.5, 20.0  # levels of 255: the deviation, and the span, up to which it is one colour
_GRID = 16  # cells a side of which the colour is told
_STEP = 1.0  # levels by which a cell must be lighter than its neighbour to count: less is chance


def is_blank(picture: Image.Image) -> bool:
    """Whether there is nothing to see on RGB or RGBA: one colour, or nothing but transparency, on whatever ground."""
    if picture.mode != "RGBA":
        return _is_flat(picture)
    black = Image.new("RGB", picture.size)
    black.paste(picture, mask=picture.getchannel("A"))
    return _is_flat(black) and _is_flat(colours.on_white(picture))


def fingerprint(picture: Image.Image) -> bytes:
    """A perceptual hash of 8 bytes (is each cell lighter than the next?), then the colours of 16 x 16 cells as RGB.
    Size, compression and format leave it nearly as it is."""
    plain = colours.on_white(picture)
    cells = plain.convert("L").convert("F").resize((9, 8), Image.Resampling.BOX)
    gray = memoryview(cells.tobytes()).cast("f")
    bits = "".join(str(int(gray[n] > gray[n + 1] + _STEP)) for n in range(71) if n % 9 != 8)
    return int(bits, 2).to_bytes(8) + plain.resize((_GRID, _GRID), Image.Resampling.BOX).tobytes()


def _is_flat(picture: Image.Image) -> bool:
    small = picture.resize((_SIDE, _SIDE), Image.Resampling.BOX)
    spans = (high - low for low, high in small.getextrema())  # type: ignore[misc]
    return max(ImageStat.Stat(small).stddev) < _FLAT and max(spans) <= _RANGE
