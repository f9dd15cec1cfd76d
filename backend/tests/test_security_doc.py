"""Docs/security.md names tests that exist: a row whose test is gone is no promise."""

import re

import pytest

from batchgen.settings import ROOT

PAGE = (ROOT / "Docs" / "security.md").read_text(encoding="utf-8")
PYTHON = sorted(set(re.findall(r"`([a-z_/]+\.py)::(test_\w+)`", PAGE)))
BROWSER = sorted(set(re.findall(r"`(e2e/[a-z0-9.]+\.mjs): ([^`]+)`", PAGE)))


@pytest.mark.parametrize(("file", "name"), PYTHON)
def test_a_named_test_exists(file: str, name: str):
    text = (ROOT / "backend" / "tests" / file).read_text(encoding="utf-8")

    assert f"def {name}(" in text


@pytest.mark.parametrize(("file", "title"), BROWSER)
def test_a_named_browser_test_exists(file: str, title: str):
    assert f"test('{title}'" in (ROOT / "frontend" / file).read_text(encoding="utf-8")


def test_every_row_names_a_test():
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith(("| ---", "| threat"))]

    assert len(rows) > 40
    assert [row for row in rows if not re.search(r"::test_|\.mjs: ", row)] == []
