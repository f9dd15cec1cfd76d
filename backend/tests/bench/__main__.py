"""`make bench`: one table of what the service costs, as ratios on this machine where a ratio says more than seconds.

The upstream is a server of ours that answers after a fixed time, in a process of its own; everything else is the real
stack. With `--write` the table goes into Docs/benchmarks.md.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import engine, rate, state, web
from tests.bench.table import Found, machine, table
from tests.conftest import BACKEND, RedisServer

type Measure = Callable[[Path, RedisServer, int], Iterator[Found]]
MEASURES: dict[str, Measure] = {
    "wall": engine.wall, "cost": engine.cost, "events": web.events, "lists": web.lists, "pages": state.pages,
    "memory": state.memory, "uploads": web.uploads, "archives": web.archives, "submits": state.submits,
    "workers": engine.more_workers, "dispatch": state.dispatch, "starts": web.starts, "rate": rate.measure_rate,
}  # fmt: skip
PAGE = BACKEND.parent / "Docs" / "benchmarks.md"
_MARK = "<!-- the table is written by `make bench WRITE=1` -->\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", nargs="+", choices=MEASURES, default=list(MEASURES))
    parser.add_argument("--write", action="store_true", help="put the table into Docs/benchmarks.md")
    asked = parser.parse_args()
    found: list[Found] = []
    with tempfile.TemporaryDirectory() as folder:
        redis = RedisServer(Path(folder) / "redis")
        redis.start()
        try:
            for name in asked.only:
                place = Path(folder) / name
                place.mkdir()
                for one in MEASURES[name](place, redis, asked.runs):
                    sys.stderr.write(f"{one.line}\n")
                    found.append(one)
        finally:
            redis.stop()
    text = f"{machine()}; {datetime.now(UTC):%Y-%m-%d}\n\n{table(found)}\n"
    sys.stdout.write(text)
    if asked.write:
        before, mark, _ = PAGE.read_text(encoding="utf-8").partition(_MARK)
        PAGE.write_text(f"{before}{mark}\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()
