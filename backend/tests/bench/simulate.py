"""`make simulate`: what one Redis has to do for so many million pictures a day, by the scripts of production.

Batches of many users arrive along a day's curve; the real stores submit, dispatch, send, renew, settle and read events
at a real Redis, with Celery's messages between. Only the clock and the calls to providers are made up. Workers and
pictures of a long day are not run one by one: a window of it is, with as many workers, keys and leases as that load
needs. Of what thousands of workers do alike a sample is run, and its cost is multiplied by how often it happens.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench.crowd import Crowd
from tests.bench.day import Load, Told
from tests.bench.table import machine
from tests.conftest import RedisServer

_COLUMNS = (
    "M a day", "hour", "pictures/s", "slots", "workers", "keys", "Redis: cores", "µs a picture", "commands", "in, KB",
    "out, KB", "file, KB", "memory, B", "ledger, B", "streams, B", "events", "first starts after, s (p99)",
    "each starts after, s (p99)", "fairness",
)  # fmt: skip
_PARTS = ("M a day", "hour", "part", "times/s", "µs each", "cores")


def line(load: Load, told: Told) -> str:
    cells = (
        f"{load.millions:g}", f"{load.hour:g}", f"{load.rate:.0f}", f"{load.slots}", f"{load.workers}",
        f"{load.keys}", f"{told.cores:.3f}", f"{told.us:.0f}", f"{told.commands:.0f}",
        f"{told.net_in / 1024:.1f}", f"{told.net_out / 1024:.1f}", f"{told.file / 1024:.1f}",
        f"{told.memory:.0f}", f"{told.ledger:.0f}", f"{told.streams:.0f}", f"{told.events:.2f}",
        f"{told.first_s:.2f}", f"{told.wait_s:.2f}", "" if told.fairness is None else f"{told.fairness:.2f}",
    )  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def parts(load: Load, told: Told) -> str:
    rows = [
        f"| {load.millions:g} | {load.hour:g} | {name} | {part.rate:.1f} | {part.us:.0f} | "
        f"{part.rate * part.us / 1e6:.3f} |"
        for name, part in told.parts.items()
    ]
    return "\n".join(rows)


def simulate(redis: RedisServer, load: Load, seconds: float) -> Told:
    crowd = Crowd(redis, load)
    try:
        return crowd.run(seconds)
    finally:
        crowd.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="make simulate")
    parser.add_argument("--millions", type=float, nargs="+", default=[1, 10, 100], help="pictures a day")
    parser.add_argument("--hours", type=float, nargs="+", default=[15], help="of the day; the peak is at 15")
    parser.add_argument("--seconds", type=float, default=5, help="of made-up time in each window")
    parser.add_argument("--room", type=float, default=1.1, help="slots over what the peak needs")
    asked = parser.parse_args()
    ran: list[tuple[Load, Told]] = []
    with tempfile.TemporaryDirectory() as folder:
        redis = RedisServer(Path(folder) / "redis")
        redis.start()
        try:
            for millions in asked.millions:
                for hour in asked.hours:
                    load = Load(millions, hour, room=asked.room)
                    told = simulate(redis.fresh(), load, asked.seconds)
                    sys.stderr.write(f"{line(load, told)}\n{parts(load, told)}\n")
                    ran.append((load, told))
        finally:
            redis.stop()
    sys.stdout.write(f"{machine()}\n\n{_head(_COLUMNS)}\n" + "\n".join(line(*one) for one in ran) + "\n\n")
    sys.stdout.write(f"{_head(_PARTS)}\n" + "\n".join(parts(*one) for one in ran) + "\n")


def _head(columns: Sequence[str]) -> str:
    return f"| {' | '.join(columns)} |\n|{' --- |' * len(columns)}"


if __name__ == "__main__":
    main()
