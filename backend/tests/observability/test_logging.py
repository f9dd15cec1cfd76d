"""One event, one line; no secret in it."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from batchgen.observability.logging import set_up

SECRET = "very-secret-word"
NASTY = "a\nb\r\x1b[31mc\u2028d"


@pytest.fixture(params=["json", "console"])
def written(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is written to standard error, in both forms."""
    before = logging.getLogger().handlers[:], logging.getLogger().level
    out = io.StringIO()
    monkeypatch.setattr("sys.stderr", out)
    set_up("DEBUG", request.param, [SECRET, "s3cret"])
    structlog.configure(cache_logger_on_first_use=False)
    yield out
    logging.getLogger().handlers[:], _ = before
    logging.getLogger().setLevel(before[1])


def test_what_a_caller_sends_starts_no_line_of_its_own(written: io.StringIO):
    structlog.get_logger("batchgen.x").info("request", path=f"/{NASTY}", forged="x\n{'level': 'error'}")

    text = written.getvalue()
    assert text.count("\n") == 1
    assert text.endswith("\n")
    assert "\x1b[31m" not in text
    assert "\r" not in text


def test_a_foreign_logger_s_line_stays_one_line_too(written: io.StringIO):
    logging.getLogger("somebody").warning("got %s", NASTY)

    assert written.getvalue().count("\n") == 1
    assert "\x1b[31m" not in written.getvalue()


def test_secrets_are_masked_in_texts_tracebacks_and_what_holds_others(written: io.StringIO):
    log = structlog.get_logger("batchgen.x")
    log.info(SECRET, text=f"x{SECRET}x", listed=[SECRET, {"deep": SECRET}], pair=(SECRET,))
    try:
        raise ValueError(f"bad {SECRET}")
    except ValueError:
        log.exception("broke")
    logging.getLogger("somebody").error("%s", {"Authorization": f"Bearer {SECRET}"})

    assert SECRET not in written.getvalue()
    assert "masked" in written.getvalue()


def test_json_lines_are_json(monkeypatch: pytest.MonkeyPatch):
    before = logging.getLogger().handlers[:]
    out = io.StringIO()
    monkeypatch.setattr("sys.stderr", out)
    set_up("INFO", "json", [])
    logging.getLogger("a").warning("x\ny")
    logging.getLogger().handlers[:] = before

    assert [json.loads(line)["event"] for line in out.getvalue().splitlines()] == ["x\ny"]
