"""The models of every provider, read from `catalogue.toml`: what they can do, what they cost, whether they are offered.

Models come and go; a new one is a new row there, or in the administrator's own file, and no line of code.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from batchgen.domain.canvas import Canvas
from batchgen.domain.pictures import Capabilities
from batchgen.providers.models_file import CatalogueError, merged

__all__ = ["RATIOS", "CatalogueError", "Entry", "Section", "Server", "catalogue", "load_catalogue"]

RATIOS: dict[str, tuple[str, ...]] = {
    "R3": ("1:1", "3:2", "2:3"),
    "R10": ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"),
}
RATIOS["R14"] = (*RATIOS["R10"], "1:4", "4:1", "1:8", "8:1")
_OWN = (
    "id", "name_zh", "name_en", "text_to_image", "takes_watermark", "takes_alpha", "min_input_side", "widest_input",
    "max_input_side", "max_input_bytes", "max_images", "max_request_bytes", "max_variants", "default", "deprecated",
    "input_price_micros", "output_token_micros_per_million", "text_token_micros_per_million",
    "image_token_micros_per_million", "batch", "batch_price", "as_of", "source",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: what everybody may know of a model, and what its adapter alone needs."""

    capabilities: Capabilities
    available: bool  # False: known, for batches that name it, but not offered
    successor: str | None  # the model to use instead
    sends: frozenset[str]  # optional fields of the wire format that this model takes
    quality: str = ""  # asked for where the wire format has such a field


@dataclass(frozen=True, slots=True)
class Server:
    """How to reach a provider that the administrator's file adds. None: the limits of every such server."""

    base_url: str
    key_variable: str = ""  # name of the variable that holds its keys; empty: it asks for none
    concurrency: int | None = None
    rate_per_minute: int | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """One provider. `models` in the order of the file; exactly one is the default."""

    id: str
    name_zh: str
    name_en: str
    models: tuple[Entry, ...]
    server: Server | None = None  # None: built in

    def find(self, model: str) -> Entry | None:
        return next((entry for entry in self.models if entry.capabilities.id == model), None)

    @property
    def offered(self) -> tuple[Capabilities, ...]:
        return tuple(entry.capabilities for entry in self.models if entry.available)


@cache
def catalogue() -> dict[str, Section]:
    """Every provider that is built in, by id."""
    return load_catalogue(None)


def load_catalogue(extra: Path | None) -> dict[str, Section]:
    """Every provider by id; `extra`: the administrator's file, which adds and overrides. Raises CatalogueError."""
    raw = tomllib.loads(Path(__file__).with_name("catalogue.toml").read_text(encoding="utf-8"))
    return {name: _section(name, table) for name, table in (merged(raw, extra) if extra else raw).items()}


def _section(name: str, table: dict[str, Any]) -> Section:
    shared = table.get("shared", {})
    server = Server(**table["server"]) if "server" in table else None
    is_openai = server is not None or name == "openai"  # there a size is one of the fields that a row may leave out
    models = tuple(_entry({**shared, **row}, is_openai=is_openai) for row in table["models"])
    return Section(name, table["name_zh"], table["name_en"], models, server)


def _entry(row: dict[str, Any], *, is_openai: bool) -> Entry:
    prices, sends = row["price_micros"], frozenset(row.get("sends", ()))
    by_size: dict[str, int] = prices if isinstance(prices, dict) else {}
    is_sized = "size" in sends or not is_openai
    capabilities = Capabilities(
        price_micros=next(iter(by_size.values())) if by_size else prices,
        prices=tuple(by_size.items()),
        sizes=(tuple(by_size) or tuple(row.get("sizes", ()))) if is_sized else (),
        aspect_ratios=RATIOS[row["ratios"]] if row.get("ratios") and is_sized else (),
        canvas=_canvas(row) if is_sized else Canvas(),
        formats=tuple(row.get("formats", ())),
        takes_seed=row.get("takes_seed", "seed" in sends),
        max_references=max(0, row["max_images"] - 1),  # the base image takes one of the places
        **{name: row[name] for name in _OWN if name in row},
    )
    return Entry(
        capabilities=capabilities,
        available=row.get("available", True),
        successor=row.get("successor"),
        sends=sends,
        quality=row.get("quality", ""),
    )


def _canvas(row: dict[str, Any]) -> Canvas:
    """In words where the row says so, else in pixels where it has bounds, else in one of three sizes."""
    bounds = {name: row[name] for name in ("step", "widest", "longest") if name in row}
    if "shape" in row:
        return Canvas(row["shape"])
    if row.get("pixels"):
        return Canvas("pixels", *row["pixels"], **bounds)
    return Canvas("fixed" if row.get("ratios") else "")
