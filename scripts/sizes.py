"""What is too long to be read at once: files, components, Python functions, Lua scripts. Generated ones apart."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ["backend", "config", "scripts", "frontend/src", "frontend/e2e"]
LIMITS = {".py": 300, ".ts": 300, ".mjs": 300, ".css": 300, ".sh": 300, ".vue": 200, ".lua": 60}
FUNCTION_LIMIT = 40
GENERATED = {"schema.d.ts", "components.d.ts", "auto-imports.d.ts"}
SKIPPED = {"node_modules", "dist", "__pycache__"}


def sources() -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in LIMITS and path.name not in GENERATED and not SKIPPED & set(path.parts):
                yield path


def long_functions(path: Path) -> Iterator[str]:
    """A function's own lines: those of functions inside it are theirs (a blueprint holds its views)."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            own = length(node) - sum(length(inner) for inner in nested(node))
            if own > FUNCTION_LIMIT:
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name} has {own} lines, at most {FUNCTION_LIMIT}"


def nested(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child
        else:
            yield from nested(child)


def length(node: ast.AST) -> int:
    end = getattr(node, "end_lineno", 0)
    first = min([getattr(node, "lineno", 0), *[d.lineno for d in getattr(node, "decorator_list", [])]])
    return int(end - first + 1)


def main() -> int:
    wrong = []
    for path in sources():
        lines, limit = len(path.read_text().splitlines()), LIMITS[path.suffix]
        if lines > limit:
            wrong.append(f"{path.relative_to(ROOT)} has {lines} lines, at most {limit}")
        if path.suffix == ".py":
            wrong.extend(long_functions(path))
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
