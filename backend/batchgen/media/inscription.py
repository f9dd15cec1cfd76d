"""Words written into a picture without touching a pixel: one XMP packet that says what it was made of, and taken out
again for strangers. A picture that has such a packet or content credentials of its own stays as it came: to change it
would break the provider's seal."""

import re
import struct
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple
from xml.sax.saxutils import escape

_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_OURS = b'x:xmptk="BatchGen Pro"'
_PNG, _PNG_KEY = b"\x89PNG\r\n\x1a\n", b"XML:com.adobe.xmp\0\0\0\0\0"
_APP1, _APP11, _SCAN = 0xE1, 0xEB, 0xDA
_MAX_SEGMENT = 65_000  # bytes of a JPEG segment, with room for its head
_SEALS = {b"caBX", b"C2PA"}  # content credentials in PNG and WebP; in JPEG they stand in APP11
_HAS_XMP, _HAS_ALPHA = 0x04, 0x10  # flags of WebP's VP8X
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ANY = re.compile(b"<x:xmpmeta.*?(</x:xmpmeta>|$)", re.DOTALL)
_TRAINED = "http://cv.iptc.org/newscodes/digitalsourcetype/"


class Words(NamedTuple):
    """What is written. `from_image`: it was made from an image that a person gave."""

    prompt: str
    model: str
    made_ms: int
    from_image: bool


class Piece(NamedTuple):
    """A part of a file that can be left out: its kind and all of its bytes."""

    kind: bytes
    data: bytes


def inscribed(data: bytes, words: Words) -> bytes:
    """`data`, a PNG, JPEG or WebP, with the words in it; whatever else it is, or cannot be, as it came."""
    try:
        if data.startswith(_PNG):
            return _into_png(data, _packet(words))
        if data.startswith(b"\xff\xd8\xff"):
            return _into_jpeg(data, _packet(words, _MAX_SEGMENT))
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _into_webp(data, _packet(words))
    except (ValueError, IndexError, struct.error):  # decoders forgive more than we do
        return data
    return data


def plain(data: bytes) -> bytes:
    """`data` without the words that `inscribed` wrote."""
    if _OURS not in data:
        return data
    try:
        if data.startswith(_PNG):
            return _PNG + b"".join(p.data for p in _png(data) if p.kind != b"iTXt" or _OURS not in p.data)
        if data.startswith(b"\xff\xd8"):
            return data[:2] + b"".join(p.data for p in _jpeg(data) if p.kind != bytes([_APP1]) or _OURS not in p.data)
        return _riff([piece for piece in _webp(data) if piece.kind != b"XMP "])
    except (ValueError, IndexError, struct.error):  # better a broken picture than words in strange hands
        return _ANY.sub(lambda found: b" " * len(found[0]), data)


def _packet(words: Words, limit: int = 1_000_000) -> bytes:
    """The packet, in at most `limit` bytes; of words that are too long the end is left out."""
    made = datetime.fromtimestamp(words.made_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    source = _TRAINED + ("compositeWithTrainedAlgorithmicMedia" if words.from_image else "trainedAlgorithmicMedia")
    room = (limit - 2000) // 2  # the words stand in it twice: for people's viewers, and for those who look for them
    prompt = escape(_NO_XML.sub("", words.prompt)).encode()
    if len(prompt) > room:
        prompt = re.sub("&[^;]*$", "", prompt[:room].decode(errors="ignore")).encode()
    text = _FORM.format(model=escape(_NO_XML.sub("", words.model), {'"': "&quot;"}), made=made, source=source)
    return text.encode().replace(b"@PROMPT@", prompt)


_FORM = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="BatchGen Pro">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 xmp:CreatorTool="BatchGen Pro" xmp:CreateDate="{made}" Iptc4xmpExt:DigitalSourceType="{source}"
 Iptc4xmpExt:AISystemUsed="{model}">
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">@PROMPT@</rdf:li></rdf:Alt></dc:description>
<Iptc4xmpExt:AIPromptInformation>@PROMPT@</Iptc4xmpExt:AIPromptInformation>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


def _require(whole: bool) -> None:
    if not whole:
        raise ValueError("broken off")


def _png(data: bytes) -> Iterator[Piece]:
    at = len(_PNG)
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        _require(at + 12 + length <= len(data))
        yield Piece(data[at + 4 : at + 8], data[at : at + 12 + length])
        at += 12 + length


def _into_png(data: bytes, packet: bytes) -> bytes:
    pieces = list(_png(data))
    if any(piece.kind in _SEALS or piece.data[8:].startswith(_PNG_KEY[:18]) for piece in pieces):
        return data
    body = b"iTXt" + _PNG_KEY + packet
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return _PNG + pieces[0].data + chunk + b"".join(piece.data for piece in pieces[1:])


def _jpeg(data: bytes) -> Iterator[Piece]:
    """The segments up to the picture itself, then all that is left as one piece."""
    at = 2
    while data[at] == 0xFF and data[at + 1] != _SCAN:
        if data[at + 1] == 0xFF:  # padding
            at += 1
            continue
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4])
        _require(end < len(data))
        yield Piece(data[at + 1 : at + 2], data[at:end])
        at = end
    yield Piece(b"", data[at:])


def _into_jpeg(data: bytes, packet: bytes) -> bytes:
    pieces = list(_jpeg(data))
    if any(piece.kind == bytes([_APP11]) or piece.data[4:].startswith(_XMP) for piece in pieces):
        return data
    first = 1 if pieces[0].kind == b"\xe0" else 0  # JFIF stands before all others
    body = _XMP + packet
    segment = b"\xff\xe1" + (len(body) + 2).to_bytes(2) + body
    before, after = pieces[:first], pieces[first:]
    return data[:2] + b"".join([*(p.data for p in before), segment, *(p.data for p in after)])


def _webp(data: bytes) -> Iterator[Piece]:
    at, end = 12, 8 + int.from_bytes(data[4:8], "little")
    while at + 8 <= min(end, len(data)):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        _require(at + 8 + length <= len(data))
        yield Piece(data[at : at + 4], data[at + 8 : at + 8 + length])
        at += 8 + length + length % 2


def _into_webp(data: bytes, packet: bytes) -> bytes:
    pieces = list(_webp(data))
    if any(piece.kind in _SEALS or piece.kind == b"XMP " for piece in pieces):
        return data
    if pieces[0].kind != b"VP8X":
        pieces.insert(0, _extended(pieces[0]))
    head = pieces[0].data
    pieces[0] = Piece(b"VP8X", bytes([head[0] | _HAS_XMP]) + head[1:])
    return _riff([*pieces, Piece(b"XMP ", packet)])


def _extended(picture: Piece) -> Piece:
    """The head that a simple WebP lacks."""
    if picture.kind == b"VP8L":
        bits = int.from_bytes(picture.data[1:5], "little")
        width, height, alpha = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bits >> 28 & 1
    elif picture.kind == b"VP8 ":
        width, height = (n & 0x3FFF for n in struct.unpack_from("<HH", picture.data, 6))
        alpha = 0
    else:
        raise ValueError(picture.kind)
    flags = bytes([_HAS_ALPHA if alpha else 0, 0, 0, 0])
    return Piece(b"VP8X", flags + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little"))


def _riff(pieces: list[Piece]) -> bytes:
    if not any(piece.kind == b"XMP " for piece in pieces) and pieces[0].kind == b"VP8X":
        head = pieces[0].data
        pieces = [Piece(b"VP8X", bytes([head[0] & ~_HAS_XMP]) + head[1:]), *pieces[1:]]
    chunks = (p.kind + len(p.data).to_bytes(4, "little") + p.data + b"\0" * (len(p.data) % 2) for p in pieces)
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + len(body).to_bytes(4, "little") + body
