"""What a measure found, and the table of all of them."""

import operator
import os
import platform
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Found:
    """One line. `goal`: "<= 1.05" or ">= 0.7"; empty: told for comparison. `note`: what has to be known of it."""

    measure: str
    goal: str
    values: list[float]
    note: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def holds(self) -> bool | None:
        if not self.goal:
            return None
        sign, _, limit = self.goal.partition(" ")
        return bool({"<=": operator.le, ">=": operator.ge}[sign](self.median, float(limit)))

    @property
    def line(self) -> str:
        spread = f"{min(self.values):.3g} to {max(self.values):.3g}"
        word = {None: "", True: "holds", False: "**missed**"}[self.holds]
        cells = (self.measure, f"{self.median:.3g}", spread, str(len(self.values)), self.goal, word, self.note)
        return "| " + " | ".join(cells) + " |"


def table(found: Iterable[Found]) -> str:
    head = "| measure | median | spread | runs | goal | | note |\n| --- | --- | --- | --- | --- | --- | --- |"
    return "\n".join([head, *(one.line for one in found)])


def machine() -> str:
    """What this was measured on, in one line, without its name."""
    cpu = next(
        (row.partition(": ")[2] for row in _read("/proc/cpuinfo").splitlines() if row.startswith("model name")),
        platform.machine(),
    )
    memory = int(_read("/proc/meminfo").split()[1]) // 1024**2
    return f"{os.cpu_count()} × {cpu}, {memory} GiB, Linux {platform.release()}, Python {platform.python_version()}"


def _read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")
