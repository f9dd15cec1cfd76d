"""The demo's brushes: an image in another light, or an abstract picture with the prompt on it. Pillow, CPU only."""

import io
import random
from functools import cache
from typing import NamedTuple

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, ImageOps

from batchgen.domain.canvas import Canvas, fit
from batchgen.domain.pictures import Capabilities, InputImage, Request
from batchgen.domain.ratios import area_of, promised_ratio

Colour = tuple[int, int, int]
_MARK = "demo"
_PAPER = Canvas("pixels", 65_536, 4_400_000, step=1, widest=8)
# from the darkest to the lightest
_PALETTES: tuple[tuple[Colour, Colour, Colour, Colour], ...] = (
    ((22, 18, 58), (126, 34, 110), (242, 96, 92), (255, 226, 168)),
    ((9, 30, 58), (18, 104, 130), (92, 196, 176), (240, 250, 214)),
    ((30, 20, 30), (140, 50, 44), (232, 150, 66), (255, 240, 200)),
    ((16, 32, 28), (34, 104, 76), (150, 190, 96), (248, 246, 210)),
    ((24, 20, 70), (64, 84, 200), (122, 190, 246), (240, 246, 255)),
    ((44, 14, 44), (170, 40, 90), (246, 140, 150), (255, 236, 226)),
    ((20, 24, 36), (70, 84, 110), (170, 182, 196), (250, 248, 240)),
    ((10, 34, 50), (32, 90, 120), (240, 150, 90), (255, 232, 180)),
    ((36, 16, 66), (110, 60, 190), (90, 200, 210), (230, 255, 240)),
    ((48, 28, 18), (150, 84, 52), (220, 170, 120), (252, 240, 222)),
)
_FONTS_CJK = (
    *("NotoSansCJK-Bold.ttc", "NotoSansCJK-Regular.ttc", "NotoSerifCJK-Bold.ttc", "NotoSerifCJK-Regular.ttc"),
    *("SourceHanSansCN-Regular.otf", "wqy-zenhei.ttc", "wqy-microhei.ttc", "msyh.ttc", "PingFang.ttc"),
)
_FONTS_LATIN = ("DejaVuSans-Bold.ttf", "DejaVuSans.ttf", "LiberationSans-Bold.ttf", "Arial.ttf")
_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


class Unreadable(Exception):
    """The input image cannot be decoded."""


class _Look(NamedTuple):
    palette: tuple[Colour, Colour, Colour, Colour]
    chance: random.Random  # seeded by the request: chance that comes out the same each time


def paint(model: Capabilities, request: Request, digest: bytes, kind: str) -> bytes:
    """An encoded picture of `kind` ("jpeg", "png", "webp"). Raises Unreadable."""
    chance = random.Random(digest)  # noqa: S311 - for beauty, not for secrets
    look = _Look(chance.choice(_PALETTES), chance)
    size = _size(model, request)
    if request.images:
        picture = _relit(_opened(request.images[0], size), look, ink=request.model == "demo-ink")
    else:
        picture = _abstract(size, request.prompt, look)
    if request.options.watermark:
        _stamp(picture)
    return _encoded(picture, kind)


def spoilt(model: Capabilities, request: Request, digest: bytes, kind: str, how: str) -> bytes:
    """A sound picture that nobody asked for: "blank", "unchanged" (where there is an image), "ratio" or "small"."""
    width, height = _size(model, request)
    if how == "blank":
        return _encoded(Image.new("RGB", (width, height), "white"), kind)
    if how == "unchanged" and request.images:
        return _encoded(_opened(request.images[0], (width, height)), kind)
    with Image.open(io.BytesIO(paint(model, request, digest, "png"))) as picture:
        if how == "ratio":
            return _encoded(picture.resize((width, height * 2 // 3)), kind)
        return _encoded(ImageOps.contain(picture, (200, 200)) if how == "small" else picture.convert("RGB"), kind)


def _size(model: Capabilities, request: Request) -> tuple[int, int]:
    """About one or four megapixels, in the ratio that is promised, else square."""
    promise = promised_ratio(model, request.options, request.base_size)
    return promise.size or fit(_PAPER, promise.ratio or 1.0, area_of(model, request.options))


def _opened(source: InputImage, size: tuple[int, int]) -> Image.Image:
    """The base image, cut to `size` around its middle; decoded no larger than needed."""
    try:
        with Image.open(io.BytesIO(source.data)) as opened:
            opened.draft("RGB", size)
            if opened.mode in ("RGBA", "LA", "PA"):
                paper = Image.new("RGBA", opened.size, "white")
                flat = Image.alpha_composite(paper, opened.convert("RGBA")).convert("RGB")
            else:
                flat = opened.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise Unreadable from None
    return ImageOps.fit(flat, size, Image.Resampling.BILINEAR)


def _relit(picture: Image.Image, look: _Look, *, ink: bool) -> Image.Image:
    """The image in the light of the palette: three ways, all of which leave it recognisable."""
    gray = ImageOps.autocontrast(picture.convert("L"), cutoff=1)
    light = _mesh(picture.size, look, brightest=True)
    way = look.chance.randrange(3)
    if ink:
        edges = ImageOps.invert(gray.filter(ImageFilter.FIND_EDGES)).point(lambda v: 255 if v > 226 else v // 2)
        return ImageChops.multiply(Image.blend(light, _rgb(gray), 0.35), _rgb(edges))
    if way == 0:  # two colours, as of an evening
        return Image.blend(_toned(gray, look), light, 0.25)
    if way == 1:  # a poster of few inks
        inks = ImageOps.posterize(gray, 3).point(lambda v: min(255, v * 255 // 224))
        return Image.blend(_toned(inks, look), light, 0.15)
    lit = Image.blend(picture, ImageChops.overlay(_rgb(gray), light), 0.65)
    return Image.blend(lit, light, 0.2)  # or a black picture would come out black


def _toned(gray: Image.Image, look: _Look) -> Image.Image:
    """Every tone of gray as a colour between those of the palette."""
    stops = look.palette
    tables: list[list[int]] = [[], [], []]
    for tone in range(256):
        place = tone / 255 * (len(stops) - 1)
        low = min(int(place), len(stops) - 2)
        for channel, table in enumerate(tables):
            table.append(round(stops[low][channel] + (stops[low + 1][channel] - stops[low][channel]) * (place - low)))
    return Image.merge("RGB", [gray.point(table) for table in tables])


def _rgb(gray: Image.Image) -> Image.Image:
    return Image.merge("RGB", (gray, gray, gray))


def _mesh(size: tuple[int, int], look: _Look, *, brightest: bool = False) -> Image.Image:
    """A soft field of the palette's colours: a few points of colour, blown up."""
    colours = look.palette[1:] if brightest else look.palette[:3]
    seedlings = Image.new("RGB", (4, 4))
    seedlings.putdata([look.chance.choice(colours) for _ in range(16)])
    return seedlings.resize((size[0] // 4, size[1] // 4), Image.Resampling.BICUBIC).resize(
        size, Image.Resampling.BILINEAR
    )


def _abstract(size: tuple[int, int], prompt: str, look: _Look) -> Image.Image:
    """Discs of light over a field of colour, and the prompt below."""
    picture = _mesh(size, look)
    width, height = size
    for _ in range(look.chance.randint(4, 7)):
        radius = int(min(size) * look.chance.uniform(0.06, 0.28))
        disc = _disc(radius, look.chance.uniform(0.25, 0.75))
        at = (look.chance.randint(-radius, width - radius), look.chance.randint(-radius, height - radius))
        picture.paste(look.chance.choice(look.palette[1:]), (*at, at[0] + disc.width, at[1] + disc.height), disc)
    _write(picture, prompt, look)
    return picture


def _disc(radius: int, strength: float) -> Image.Image:
    """A mask of a disc with a soft edge; drawn at a fixed size and scaled, which also smooths it."""
    mask = Image.new("L", (256, 256))
    ImageDraw.Draw(mask).ellipse((4, 4, 251, 251), fill=int(255 * strength))
    return mask.resize((radius * 2, radius * 2), Image.Resampling.BILINEAR)


def _write(picture: Image.Image, prompt: str, look: _Look) -> None:
    """The prompt in at most four lines at the bottom; nothing where no font here has its letters."""
    words = " ".join(prompt.split())
    height = max(18, min(picture.size) // 22)
    font = _font(height, any(ord(letter) > 0x2E7F for letter in words))
    if font is None or not words:
        return
    margin = height
    lines = _wrapped(words, font, picture.width - 2 * margin)[:4]
    top = picture.height - margin - int(len(lines) * height * 1.35)
    draw = ImageDraw.Draw(picture)
    for n, line in enumerate(lines):
        at = (margin, top + int(n * height * 1.35))
        draw.text((at[0] + 2, at[1] + 2), line, font=font, fill=look.palette[0])
        draw.text(at, line, font=font, fill=look.palette[3])


def _stamp(picture: Image.Image) -> None:
    """The mark, at the lower right, light on dark."""
    height = max(14, min(picture.size) // 30)
    font = _font(height, wide=False)
    if font is None:
        return
    at = (picture.width - int(font.getlength(_MARK)) - height, picture.height - 2 * height)
    ImageDraw.Draw(picture).text(at, _MARK, font=font, fill="white", stroke_width=2, stroke_fill="black")


def _wrapped(words: str, font: _Font, width: int) -> list[str]:
    """Lines no wider than `width`, broken at spaces where there are any. Chinese has none."""
    lines: list[str] = []
    rest = words[:400]
    while rest:
        fits = len(rest)
        while fits > 1 and font.getlength(rest[:fits]) > width:
            fits = max(1, min(fits - 1, int(fits * width / font.getlength(rest[:fits]))))
        space = rest.rfind(" ", 0, fits + 1) if fits < len(rest) else fits
        cut = space if space > fits // 2 else fits
        lines.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    return lines


@cache
def _font(height: int, wide: bool) -> _Font | None:
    """A font at hand, Chinese ones if `wide`; looked for by name in the system's folders."""
    for name in _FONTS_CJK if wide else (*_FONTS_LATIN, *_FONTS_CJK):
        try:
            return ImageFont.truetype(name, height)
        except OSError:
            continue
    return None if wide else ImageFont.load_default(height)


def _encoded(picture: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    if kind == "png":
        picture.save(out, "PNG", compress_level=1)
    elif kind == "webp":
        picture.save(out, "WEBP", quality=85, method=1)
    else:
        picture.save(out, "JPEG", quality=88)
    return out.getvalue()
