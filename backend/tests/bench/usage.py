"""Processor time and memory of a process and all that it started."""

import os
from pathlib import Path

from tests.processes import family

_TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """User and system time so far, of descendants that have ended too."""
    return sum(_ticks(one) for one in family(pid)) / _TICK


def memory_mb(pid: int) -> float:
    """Proportional share of memory, so that what is shared counts once."""
    return sum(_pss_kb(one) for one in family(pid)) / 1024


def _ticks(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(fields[n]) for n in range(11, 15))  # utime, stime, and those of ended children


def _pss_kb(pid: int) -> int:
    try:
        rows = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(row.split()[1]) for row in rows if row.startswith("Pss:")), 0)
