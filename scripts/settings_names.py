"""Prints the name of every variable that the service reads: its settings and its provider keys."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "backend"), str(ROOT)]

from batchgen.settings import Settings  # noqa: E402  the path comes first
from config.api_keys import KEY_VARIABLES  # noqa: E402

print(*[name.upper() for name in Settings.model_fields], *KEY_VARIABLES.values(), sep="\n")
