"""The administrator's own catalogue file: servers that it adds, models that it adds or changes, checked in full.

    [[servers]]                        # a server with OpenAI's images API, under a name of its own
    id = "relay"
    base_url = "https://relay.example.com/v1"
    key_variable = "RELAY_API_KEY"     # the variable that holds its keys; left out: it asks for none
    [[servers.models]]
    id = "gpt-image-2"
    price_micros = 30_000

    [[gemini.models]]                  # a known id changes that row, another adds one
    id = "gemini-3-pro-image"
    default = true

Fields are those of `catalogue.toml`. Whatever is wrong is one sentence with the file, the table and the problem;
values are not repeated, since a key may have been put in the wrong place.
"""

import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

Text = Annotated[str, Field(min_length=1, max_length=200)]
Day = Annotated[
    str, Field(pattern=r"^\d{4}-\d\d-\d\d$"), AfterValidator(lambda text: date.fromisoformat(text) and text)
]
Size = Literal["512", "1K", "1.5K", "2K", "3K", "4K"]
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]
Wide = Annotated[float, Field(ge=1, le=1000)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,49}$")]
Table = dict[str, Any]

# what a model of an added server takes unless its row says otherwise: three sizes, the answer as base64
_SERVER_SHARED: Table = {
    "ratios": "R3", "max_images": 16, "max_request_bytes": 60_000_000, "max_input_bytes": 20_000_000,
    "sends": ["size", "response_format"], "step": 16, "widest": 3, "longest": 3840,
}  # fmt: skip
_NEEDED = ("id", "price_micros", "max_images", "max_request_bytes")
_OF_THE_SERVER = ("base_url", "key_variable", "concurrency", "rate_per_minute")


class CatalogueError(Exception):
    """One sentence: the file, the table, the problem."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, protected_namespaces=())


class _Row(_Strict):
    """One model, or what all models of a provider share; what is left out stays as it was."""

    id: str = Field("", pattern=r"^[A-Za-z0-9_.:/@-]{1,100}$")
    name_zh: Text = ""
    name_en: Text = ""
    price_micros: Count | Annotated[dict[Size, Count], Field(min_length=1)] = 0
    input_price_micros: Count = 0
    output_token_micros_per_million: Count = 0
    text_token_micros_per_million: Count = 0
    image_token_micros_per_million: Count = 0
    sizes: list[Size] = []
    ratios: Literal["", "R3", "R10", "R14"] = ""
    formats: list[Literal["png", "jpeg", "webp"]] = []
    shape: Literal["", "words"] = ""
    pixels: Annotated[list[Count], Field(min_length=2, max_length=2)] = []
    step: Positive = 1
    widest: Wide = 1
    longest: Positive = 1
    sends: list[
        Literal["size", "quality", "response_format", "seed", "output_format", "sequential", "adaptive"]
    ] = []  # fmt: skip
    quality: Text = ""
    max_images: Count = 0
    max_variants: Annotated[int, Field(ge=1, le=8)] = 8
    max_request_bytes: Positive = 1
    max_input_bytes: Positive = 1
    max_input_side: Positive = 1
    text_to_image: bool = True
    takes_seed: bool = False
    takes_watermark: bool = False
    takes_alpha: bool = True
    min_input_side: Positive = 1
    widest_input: Wide = 1
    default: bool = False
    available: bool = True
    batch: bool = False
    batch_price: float = Field(1.0, gt=0, le=1)
    deprecated: Day = ""
    successor: Text = ""
    as_of: Day = ""
    source: Text = ""


class _Provider(_Strict):
    name_zh: Text = ""
    name_en: Text = ""
    shared: Table = {}
    models: list[Table] = []


class _Server(_Provider):
    id: Name
    base_url: str = Field(pattern=r"^https?://[^\s@?#]+$")
    key_variable: str = Field("", pattern=r"^[A-Z][A-Z0-9_]*$")
    concurrency: Positive | None = None
    rate_per_minute: Count | None = None


def merged(known: dict[str, Table], path: Path) -> dict[str, Table]:
    """The tables of `known` with those of the file. Raises CatalogueError."""
    try:
        return _merged(known, _read(path))
    except CatalogueError as wrong:
        raise CatalogueError(f"MODELS_FILE is wrong: {path}: {wrong}") from None


def _read(path: Path) -> Table:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as wrong:
        raise CatalogueError(f"the file cannot be read ({wrong.strerror})") from None
    except UnicodeDecodeError:
        raise CatalogueError("the file is not UTF-8") from None
    except tomllib.TOMLDecodeError as wrong:
        raise CatalogueError(f"the file is not TOML: {wrong}") from None


def _merged(known: dict[str, Table], given: Table) -> dict[str, Table]:
    servers = given.pop("servers", [])
    if not isinstance(servers, list) or not all(isinstance(table, dict) for table in servers):
        raise CatalogueError("servers is to be written as [[servers]], once for each")
    tables = dict(known)
    for name, table in given.items():
        if name not in known:
            raise CatalogueError(f"[{name}] is no provider; there are {', '.join(known)}, and [[servers]] adds one")
        tables[name] = _changed(name, known[name], table)
    for number, table in enumerate(servers, 1):
        where = _called("servers", table, number)
        name, server = _server(where, table)
        if name in tables:
            raise CatalogueError(f"{where}: the id is taken")
        tables[name] = server
    return tables


def _changed(name: str, known: Table, table: Any) -> Table:
    given = _checked(_Provider, table, f"[{name}]")
    shared = {**known.get("shared", {}), **_checked(_Row, given.get("shared", {}), f"[{name}.shared]")}
    rows = {row["id"]: row for row in known["models"]}
    for id_, row in _rows(f"{name}.models", given.get("models", [])).items():
        rows[id_] = {**rows.get(id_, {}), **row}
        if row.get("default"):
            rows = {i: {**r, "default": i == id_} for i, r in rows.items()}
    return _whole(f"[{name}]", f"{name}.models", {**known, **given, "shared": shared, "models": list(rows.values())})


def _server(where: str, table: Any) -> tuple[str, Table]:
    given = _checked(_Server, table, where)
    name = given.pop("id")
    server = {key: given.pop(key) for key in _OF_THE_SERVER if key in given}
    shared = {**_SERVER_SHARED, **_checked(_Row, given.get("shared", {}), "[servers.shared]")}
    rows = list(_rows("servers.models", given.get("models", [])).values())
    offered = [row for row in rows if {**shared, **row}.get("available", True)]
    if offered and not any(row.get("default") for row in rows):
        offered[0]["default"] = True
    names = {"name_en": name, "name_zh": given.get("name_en", name)}
    whole = {**names, **given, "shared": shared, "models": rows, "server": server}
    return name, _whole(where, "servers.models", whole)


def _rows(of: str, tables: list[Table]) -> dict[str, Table]:
    rows: dict[str, Table] = {}
    for number, table in enumerate(tables, 1):
        where = _called(of, table, number)
        row = _checked(_Row, table, where)
        if "id" not in row:
            raise CatalogueError(f"{where}: id is missing")
        if row["id"] in rows:
            raise CatalogueError(f"{where}: the id stands there twice")
        rows[row["id"]] = row
    return rows


def _whole(where: str, of: str, table: Table) -> Table:
    """The table, its rows complete, and right together."""
    rows = [{"name_zh": row.get("name_en", row["id"]), "name_en": row["id"], **row} for row in table["models"]]
    offered = {row["id"] for row in rows if {**table["shared"], **row}.get("available", True)}
    for row in rows:
        full, row_where = {**table["shared"], **row}, f'[[{of}]] "{row["id"]}"'
        missing = [name for name in _NEEDED if name not in full]
        if missing:
            raise CatalogueError(f"{row_where}: {missing[0]} is missing")
        if full.get("successor") and full["successor"] not in {r["id"] for r in rows}:
            raise CatalogueError(f"{row_where}: successor is no model of this provider")
        low, high = full.get("pixels") or (0, 1)
        if low >= high:
            raise CatalogueError(f"{row_where}: pixels is to be the fewest and the most")
    if sum(bool(row.get("default")) and row["id"] in offered for row in rows) != 1:
        raise CatalogueError(f"{where}: exactly one model that is offered is to be the default")
    return {**table, "models": rows}


def _checked(shape: type[BaseModel], table: Any, where: str) -> Table:
    try:
        return shape.model_validate(table).model_dump(exclude_unset=True)
    except ValidationError as wrong:
        error = wrong.errors(include_input=False, include_url=False)[0]
    field = str(error["loc"][0]) if error["loc"] else "it"
    problem = {"missing": "is missing", "extra_forbidden": "is no field"}.get(
        error["type"], f"is wrong: {error['msg']}"
    )
    raise CatalogueError(f"{where}: {field} {problem}")


def _called(of: str, table: Any, number: int) -> str:
    """The table as the file has it, with its id, or its number where it has none."""
    id_ = table.get("id") if isinstance(table, dict) else None
    return f'[[{of}]] "{" ".join(id_.split())[:50]}"' if isinstance(id_, str) else f"[[{of}]] number {number}"
