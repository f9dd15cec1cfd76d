"""Prints the OpenAPI document of the code, the same on every machine: the environment has no say in it."""

import json
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "backend"), str(ROOT)]

from batchgen.api.openapi import document  # noqa: E402  the path comes first
from batchgen.bootstrap import core, make_web  # noqa: E402
from batchgen.settings import load  # noqa: E402

with tempfile.TemporaryDirectory() as folder:
    app = make_web(core(load({"VAR_DIR": folder})))
    print(json.dumps(document(app), indent=1, ensure_ascii=False))
