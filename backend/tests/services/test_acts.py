"""The acts of the audit log: one list for whoever writes them (mypy sees to that) and for the page with their words."""

import re
from typing import get_args

from batchgen.domain.audit import Doing
from batchgen.settings import ROOT

ACTS: set[str] = set(get_args(Doing.__value__))


def test_the_page_has_words_for_every_act_and_for_no_other():
    words = (ROOT / "frontend" / "src" / "utils" / "auditWords.ts").read_text(encoding="utf-8")
    listed = re.findall(r"'([a-z_.]+)'", words.partition("ACTS = [")[2].partition("]")[0])

    assert sorted(listed) == sorted(ACTS)


def test_every_act_is_written_somewhere():
    places = (ROOT / "backend/batchgen" / part for part in ("services", "engine"))
    code = "".join(file.read_text(encoding="utf-8") for place in places for file in place.glob("*.py"))

    assert [act for act in sorted(ACTS) if f'"{act}"' not in code] == []
