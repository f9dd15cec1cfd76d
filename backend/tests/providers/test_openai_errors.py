"""Every row of the error table for servers with OpenAI's images API, and no key in any of it."""

import logging
import traceback

import pytest

from batchgen.domain.failures import Category as C
from batchgen.domain.failures import Charged
from batchgen.domain.failures import Rule as R
from batchgen.providers.openai_images import OpenAIImages
from batchgen.providers.registry import ProviderConfig
from tests.providers.conftest import BASE, KEYS, OPENAI, asked, told
from tests.providers.test_error_table import ANY_ROWS, MAYBE, NO, YES, Row, named
from tests.providers.test_secrets import everything_attached_to, raised_by

ROWS: list[Row] = [
    ("moderation", "blocked_input", C.BLOCKED, R.NEVER, NO),
    ("policy", "blocked_input", C.BLOCKED, R.NEVER, NO),
    ("bad_value", "invalid_input", C.INVALID_INPUT, R.NEVER, NO),
    ("bad_request", "invalid_input", C.INVALID_INPUT, R.NEVER, NO),
    ("too_large", "invalid_input", C.INVALID_INPUT, R.NEVER, NO),
    ("unprocessable", "invalid_input", C.INVALID_INPUT, R.NEVER, NO),
    ("invalid_key", "auth", C.AUTH, R.NEVER, NO),
    ("unauthorized", "auth", C.AUTH, R.NEVER, NO),
    ("forbidden", "auth", C.AUTH, R.NEVER, NO),
    ("relay_html_401", "auth", C.AUTH, R.NEVER, NO),
    ("no_model", "model_unavailable", C.MODEL_UNAVAILABLE, R.NEVER, NO),
    ("not_found", "model_unavailable", C.MODEL_UNAVAILABLE, R.NEVER, NO),
    ("relay_no_channel", "model_unavailable", C.MODEL_UNAVAILABLE, R.NEVER, NO),
    ("rate", "provider_rate_limited", C.RATE_LIMITED, R.HINTED, NO),
    ("rate_unnamed", "provider_rate_limited", C.RATE_LIMITED, R.HINTED, NO),
    ("relay_rate", "provider_rate_limited", C.RATE_LIMITED, R.HINTED, NO),
    ("ok_but_rate", "provider_rate_limited", C.RATE_LIMITED, R.HINTED, NO),
    ("ok_but_429", "provider_rate_limited", C.RATE_LIMITED, R.HINTED, NO),
    ("no_quota", "quota_exhausted", C.QUOTA_EXHAUSTED, R.NEVER, NO),
    ("no_quota_by_type", "quota_exhausted", C.QUOTA_EXHAUSTED, R.NEVER, NO),
    ("hard_limit", "quota_exhausted", C.QUOTA_EXHAUSTED, R.NEVER, NO),
    ("payment", "quota_exhausted", C.QUOTA_EXHAUSTED, R.NEVER, NO),
    ("relay_no_balance", "quota_exhausted", C.QUOTA_EXHAUSTED, R.NEVER, NO),
    ("internal", "upstream_busy", C.UPSTREAM_ERROR, R.BACKOFF, NO),
    ("unavailable", "upstream_busy", C.UPSTREAM_ERROR, R.BACKOFF, NO),
    ("request_timeout", "upstream_busy", C.UPSTREAM_ERROR, R.BACKOFF, NO),
    ("gateway_timeout", "upstream_unclear", C.UPSTREAM_ERROR, R.RERUN, MAYBE),
    ("ok_but_502", "upstream_unclear", C.UPSTREAM_ERROR, R.RERUN, MAYBE),
    ("ok_but_unknown", "upstream_unclear", C.UPSTREAM_ERROR, R.RERUN, MAYBE),
    ("ok_but_text", "upstream_unclear", C.UPSTREAM_ERROR, R.RERUN, MAYBE),
    ("ok_but_moderation", "blocked_input", C.BLOCKED, R.NEVER, NO),
    ("empty", "no_image", C.NO_IMAGE, R.ONCE, NO),
    ("no_data", "no_image", C.NO_IMAGE, R.ONCE, NO),
    ("empty_but_billed", "no_image", C.NO_IMAGE, R.ONCE, YES),
    ("inside_url", "bad_output", C.BAD_OUTPUT, R.ASK, YES),
    ("url_expired", "bad_output", C.BAD_OUTPUT, R.ASK, YES),
    ("url_html", "bad_output", C.BAD_OUTPUT, R.ASK, YES),
    ("url_redirect", "bad_output", C.BAD_OUTPUT, R.ASK, YES),
]


@pytest.mark.parametrize(("behaviour", "code", "category", "rule", "charged"), named(ROWS + ANY_ROWS))
def test_a_failure_has_the_row_of_the_table(openai, openai_fake, behaviour, code, category, rule, charged):
    openai_fake.plan = [behaviour]

    failure = told(openai, OPENAI)

    assert (failure.code, failure.category, failure.rule, failure.charged) == (code, category, rule, charged)
    assert len(openai_fake.calls) == 1  # whatever happened, it was not sent twice


@pytest.mark.parametrize("behaviour", ["hang", "stalled", "drip"])
def test_an_answer_that_does_not_come_in_time_may_have_been_charged(openai, openai_fake, behaviour):
    openai_fake.plan = [behaviour]

    failure = told(openai, OPENAI, timeout_s=0.5)

    assert (failure.code, failure.charged) == ("timeout", Charged.UNKNOWN)
    assert len(openai_fake.calls) == 1


@pytest.mark.parametrize(
    ("behaviour", "seconds"),
    [
        ("rate", 7.0), ("rate_ms", 1.5), ("rate_reset", 72.0), ("rate_long", 120.0), ("rate_date", None),
        ("rate_unnamed", None), ("ok_but_rate", 3.0), ("no_quota", None),
    ],
)  # fmt: skip
def test_the_provider_says_when_to_come_again(openai, openai_fake, behaviour, seconds):
    openai_fake.plan = [behaviour]

    assert told(openai, OPENAI).retry_after_s == seconds


def test_a_failure_tells_the_words_of_the_provider(openai, openai_fake):
    openai_fake.plan = ["bad_value", "html_502", "ok_but_unknown", "ok_but_text"]

    assert told(openai, OPENAI).detail == "400 invalid_value Invalid value: 'x'."
    assert "502 Bad Gateway" in (page := told(openai, OPENAI).detail)
    assert "<" not in page
    assert [told(openai, OPENAI).detail for _ in "12"] == ["200 something new", "200 upstream went away"]


def test_a_wrong_key_is_not_repeated(openai_fake):
    adapter = OpenAIImages(ProviderConfig(("test-key-wrong",), openai_fake.base_url))

    failure = told(adapter, OPENAI)
    adapter.close()

    assert failure.code == "auth"
    assert "wrong" not in failure.detail


@pytest.mark.parametrize(
    "behaviour", ["ok", "revised", "echo", *(row[0] for row in ROWS + ANY_ROWS if "huge" not in row[0])]
)
def test_no_key_is_in_a_log_or_on_an_exception(openai, openai_fake, behaviour, caplog):
    openai_fake.plan = [behaviour] if behaviour != "ok" else []
    prompt = f"my key is {KEYS[0]} and Bearer {KEYS[1]}"  # a provider that echoes the prompt echoes this

    with caplog.at_level(logging.DEBUG):
        failed = raised_by(lambda: openai.generate(asked(OPENAI, prompt, BASE), timeout_s=20))

    assert "test-key" not in caplog.text
    assert "test-key" not in repr([vars(record) for record in caplog.records])
    if failed is not None:
        assert failed.__context__ is None
        assert failed.__cause__ is None
        assert "test-key" not in everything_attached_to(failed)
        assert "test-key" not in repr(failed.failure)


def test_no_frame_of_the_traceback_holds_a_key(openai, openai_fake):
    openai_fake.plan = ["internal"]

    failed = raised_by(lambda: openai.generate(asked(OPENAI), timeout_s=20))

    assert failed is not None
    summary = traceback.TracebackException.from_exception(failed, capture_locals=True)
    ours = [line for line in summary.format() if "batchgen/providers" in line]
    assert ours
    assert "test-key" not in "".join(ours)
