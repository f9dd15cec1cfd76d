"""Names of files as strangers give them: made into labels to show, and into names that every system can unpack."""

import re
import unicodedata

_MAX_LABEL = 200  # characters
_MAX_ENTRY = 200  # bytes in UTF-8
_MAX_RAW = 4096
_MAX_DEPTH, _MAX_FOLDER = 6, 60  # folders in each other, characters of one
_DEFAULT = "image"
_JOINERS = {"\u200c", "\u200d"}  # parts of Persian words and of emoji
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # controls, bidi marks and the like, lone surrogates, line separators
_ENDING = re.compile(r"\.[^.\s]{1,15}$")
_PICTURE = re.compile(r"\.(jpe?g|jpe|jfif|pic|a?png|webp|hei[cf]|hif|avif|bmp|dib|tiff?|gif)$", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')  # on Windows
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|manifest)\s*(\.|$)", re.IGNORECASE)
_EXTENSIONS = {"jpeg": "jpg"}


def clean_label(raw: str | None) -> str:
    """What is shown for a file's name: never a path, nothing invisible, <= 200 characters with its extension kept."""
    last = re.split(r"[/\\]", raw or "")[-1][-_MAX_RAW:]
    seen = "".join(c for c in last if c in _JOINERS or unicodedata.category(c) not in _UNSEEN)
    label = unicodedata.normalize("NFC", seen).strip()
    if not label.strip("."):
        return _DEFAULT
    found = _ENDING.search(label)
    ending = found[0] if found else ""
    stem = label.removesuffix(ending) or _DEFAULT
    return stem[: _MAX_LABEL - len(ending)] + ending


def without_ending(label: str) -> str:
    """A label without the ending of a picture's file: "IMG_1.JPG" is "IMG_1", "v1.5" stays."""
    return _PICTURE.sub("", clean_label(label)) or label


def archive_name(label: str, ext: str) -> str:
    """The name of an archive's entry: `label` with the true extension `ext` ("png", "jpeg") in place of its own, safe
    on every system, <= 200 bytes, never `manifest.*`."""
    return _joined(_stem(label), "", _ending(ext))


def clean_folder(raw: str | None) -> str:
    """`a/b` as names that every system can unpack, never out of where it is unpacked; "" for none. Deeper ones than
    `_MAX_DEPTH` are cut at their end."""
    parts = (part.strip(". ") for part in re.split(r"[/\\]", (raw or "")[:_MAX_RAW]))
    safe = (_safe(clean_label(part)) for part in parts if part)
    return "/".join(part[:_MAX_FOLDER] for part in list(safe)[:_MAX_DEPTH])


def base_name(name: str, k: int, of: int) -> str:
    """The name that `variant_name` was given."""
    if of == 1:
        return name
    stem, dot, ending = name.rpartition(".")
    mark = f"-{k + 1}"
    return f"{stem.removesuffix(mark)}.{ending}" if dot and stem.endswith(mark) else name.removesuffix(mark)


class UniqueNames:
    """Entry names of one archive: of equal ones (case does not count) the later are `photo (2).png`, and so on."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._last: dict[str, int] = {}  # so that a thousand equal names are not counted through a thousand times

    def take(self, label: str, ext: str, folder: str = "") -> str:
        """`folder`: a clean one, "" for none."""
        stem, ending, place = _stem(label), _ending(ext), f"{folder}/" if folder else ""
        first = name = place + _joined(stem, "", ending)
        number = self._last.get(first.casefold(), 1)
        while name.casefold() in self._taken:
            number += 1
            name = place + _joined(stem, f" ({number})", ending)
        self._last[first.casefold()] = number
        self._taken.add(name.casefold())
        return name


def _ending(ext: str) -> str:
    plain = ext.removeprefix(".").lower()
    return f".{_EXTENSIONS.get(plain, plain)}"


def _stem(label: str) -> str:
    return _safe(_PICTURE.sub("", clean_label(label)))


def _safe(name: str) -> str:
    bare = _FORBIDDEN.sub("_", name).strip(". ") or _DEFAULT
    return f"_{bare}" if _RESERVED.match(bare) else bare


def _joined(stem: str, mark: str, ending: str) -> str:
    room = _MAX_ENTRY - len((mark + ending).encode())
    cut = stem.encode("utf-8", "replace")[:room].decode("utf-8", "ignore").rstrip(". ")
    return cut + mark + ending
