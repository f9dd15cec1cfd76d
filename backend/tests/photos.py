"""Twenty photos as people have them: formats, ratios, two turned by EXIF, two of the same name.

`python -m tests.photos FOLDER` writes them there, each behind its number, for the browser tests.
"""

import io
import sys
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw
from pillow_heif import register_heif_opener

register_heif_opener()


class Photo(NamedTuple):
    name: str
    data: bytes
    size: tuple[int, int]  # as a person sees it


def twenty() -> list[Photo]:
    """JPEG, PNG (one with alpha), WebP, HEIC, AVIF, BMP, TIFF and GIF, from 1:3 to 3:1."""
    plan = [
        ("portrait.jpg", "JPEG", (480, 640)), ("wide.jpg", "JPEG", (960, 320)), ("tall.jpg", "JPEG", (320, 960)),
        ("square.png", "PNG", (500, 500)), ("banner.png", "PNG", (900, 300)), ("logo.png", "PNG", (400, 300)),
        ("web.webp", "WEBP", (640, 480)), ("web2.webp", "WEBP", (333, 517)), ("phone.heic", "HEIF", (600, 800)),
        ("phone2.heic", "HEIF", (800, 600)), ("new.avif", "AVIF", (640, 360)), ("old.bmp", "BMP", (300, 200)),
        ("scan.tiff", "TIFF", (400, 600)), ("anim.gif", "GIF", (320, 240)), ("商品 01.jpg", "JPEG", (700, 500)),
        ("商品 02.jpg", "JPEG", (701, 500)), ("IMG_1.JPG", "JPEG", (640, 480)), ("IMG_1.JPG", "JPEG", (641, 480)),
    ]  # fmt: skip
    photos = [Photo(name, _encode(_paint(n, size), form), size) for n, (name, form, size) in enumerate(plan)]
    return [*photos, _turned(20, "turned-6.jpg", 6), _turned(21, "turned-3.jpg", 3)]


def _paint(n: int, size: tuple[int, int]) -> Image.Image:
    image = Image.linear_gradient("L").resize(size)
    hues = Image.merge("HSV", [Image.new("L", size, n * 12 % 256), Image.new("L", size, 170), image]).convert("RGB")
    draw = ImageDraw.Draw(hues)
    draw.ellipse([size[0] // 4, size[1] // 4, size[0] // 2, size[1] // 2], fill=(255, 255, 255 - n * 9))
    return hues


def _encode(image: Image.Image, form: str, **more: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **more)
    return out.getvalue()


def _turned(n: int, name: str, orientation: int) -> Photo:
    """A photo that lies on its side in the file; EXIF says how to turn it, and where it was taken."""
    stored = _paint(n, (640, 480))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif.get_ifd(0x8825)[1] = "N"
    return Photo(name, _encode(stored, "JPEG", exif=exif), (480, 640) if orientation >= 5 else (640, 480))


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for n, photo in enumerate(twenty()):
        (folder / f"{n:02} {photo.name}").write_bytes(photo.data)


if __name__ == "__main__":
    main()
