"""Every row of the error table: what the provider does, and the code, category, rule and charge that come of it."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from batchgen.domain.failures import Category, Charged, Rule
from batchgen.domain.failures import Category as C
from batchgen.domain.failures import Rule as R
from batchgen.providers.gemini_failures import seconds_to_reset
from tests.providers.conftest import DOUBAO, GEMINI, told

NO, MAYBE, YES = Charged.NO, Charged.UNKNOWN, Charged.YES
Row = tuple[str, str, Category, Rule, Charged]

GEMINI_ROWS: list[Row] = [
    ("blocked", "blocked_input", C.BLOCKED, R.NEVER, NO),
    ("no_candidates", "blocked_input", C.BLOCKED, R.NEVER, NO),
    ("empty_candidates", "blocked_input", C.BLOCKED, R.NEVER, NO),
    ("finish:SAFETY", "blocked_input", C.BLOCKED, R.NEVER, MAYBE),
    ("finish:PROHIBITED_CONTENT", "blocked_input", C.BLOCKED, R.NEVER, MAYBE),
    ("finish:BLOCKLIST", "blocked_input", C.BLOCKED, R.NEVER, MAYBE),
    ("finish:SPII", "blocked_input", C.BLOCKED, R.NEVER, MAYBE),
    ("finish:ESCALATION", "blocked_input", C.BLOCKED, R.NEVER, MAYBE),
    ("finish:IMAGE_SAFETY", "blocked_output", C.BLOCKED, R.ASK, NO),
    ("finish:IMAGE_PROHIBITED_CONTENT", "blocked_output", C.BLOCKED, R.ASK, NO),
    ("finish:RECITATION", "blocked_recitation", C.BLOCKED, R.ASK, MAYBE),
    ("finish:IMAGE_RECITATION", "blocked_recitation", C.BLOCKED, R.ASK, MAYBE),
    ("finish:NO_IMAGE", "no_image", C.NO_IMAGE, R.ONCE, MAYBE),
    ("no_content", "no_image", C.NO_IMAGE, R.ONCE, MAYBE),
    ("no_parts", "no_image", C.NO_IMAGE, R.ONCE, MAYBE),
    ("text_only", "no_image", C.NO_IMAGE, R.ONCE, MAYBE),
    ("thought_only", "no_image", C.NO_IMAGE, R.ONCE, MAYBE),
    ("finish:IMAGE_OTHER", "no_image", C.NO_IMAGE, R.ONCE, MAYBE),
    ("finish:OTHER", "no_image", C.NO_IMAGE, R.ONCE, MAYBE),
    ("finish:MALFORMED_RESPONSE", "no_image", C.NO_IMAGE, R.ONCE, MAYBE),
    ("finish:SOMETHING_NEW", "no_image", C.NO_IMAGE, R.ONCE, MAYBE),
    ("finish:MAX_TOKENS", "no_image_cut", C.NO_IMAGE, R.NEVER, YES),
    ("finish:CONTINUATION", "no_image_cut", C.NO_IMAGE, R.NEVER, YES),
    ("invalid_argument", "invalid_input", C.INVALID_INPUT, R.NEVER, NO),
    ("too_large", "invalid_input", C.INVALID_INPUT, R.NEVER, NO),
    ("key_invalid", "auth", C.AUTH, R.NEVER, NO),
    ("unauthenticated", "auth", C.AUTH, R.NEVER, NO),
    ("forbidden", "auth", C.AUTH, R.NEVER, NO),
    ("finish:PUP_LIMITED_DISABLED", "auth", C.AUTH, R.NEVER, NO),
    ("region", "auth", C.AUTH, R.NEVER, NO),
    ("not_found", "model_unavailable", C.MODEL_UNAVAILABLE, R.NEVER, NO),
    ("rate_minute", "provider_rate_limited", C.RATE_LIMITED, R.HINTED, NO),
    ("rate_plain", "provider_rate_limited", C.RATE_LIMITED, R.HINTED, NO),
    ("quota_day", "quota_exhausted", C.QUOTA_EXHAUSTED, R.NEVER, NO),
    ("spend_cap", "quota_exhausted", C.QUOTA_EXHAUSTED, R.NEVER, NO),
    ("internal", "upstream_busy", C.UPSTREAM_ERROR, R.BACKOFF, NO),
    ("overloaded", "upstream_busy", C.UPSTREAM_ERROR, R.BACKOFF, NO),
    ("request_timeout", "upstream_busy", C.UPSTREAM_ERROR, R.BACKOFF, NO),
    ("cancelled", "timeout", C.TIMEOUT, R.RERUN, MAYBE),
    ("deadline", "timeout", C.TIMEOUT, R.RERUN, MAYBE),
]
DOUBAO_ROWS: list[Row] = [
    ("input_text", "blocked_input", C.BLOCKED, R.NEVER, NO),
    ("input_image", "blocked_input", C.BLOCKED, R.NEVER, NO),
    ("input_risk", "blocked_input", C.BLOCKED, R.NEVER, NO),
    ("sensitive", "blocked_input", C.BLOCKED, R.NEVER, NO),
    ("real_person", "blocked_person", C.BLOCKED, R.NEVER, NO),
    ("output_image", "blocked_output", C.BLOCKED, R.ASK, NO),
    ("output_risk", "blocked_output", C.BLOCKED, R.ASK, NO),
    ("data_blocked", "blocked_output", C.BLOCKED, R.ASK, NO),
    ("missing_parameter", "invalid_input", C.INVALID_INPUT, R.NEVER, NO),
    ("invalid_parameter", "invalid_input", C.INVALID_INPUT, R.NEVER, NO),
    ("invalid_image_url", "invalid_input", C.INVALID_INPUT, R.NEVER, NO),
    ("too_large", "invalid_input", C.INVALID_INPUT, R.NEVER, NO),
    ("unauthenticated", "auth", C.AUTH, R.NEVER, NO),
    ("forbidden", "auth", C.AUTH, R.NEVER, NO),
    ("overdue", "quota_exhausted", C.QUOTA_EXHAUSTED, R.NEVER, NO),
    ("service_overdue", "quota_exhausted", C.QUOTA_EXHAUSTED, R.NEVER, NO),
    ("not_found", "model_unavailable", C.MODEL_UNAVAILABLE, R.NEVER, NO),
    ("not_open", "model_unavailable", C.MODEL_UNAVAILABLE, R.NEVER, NO),
    ("closed", "model_unavailable", C.MODEL_UNAVAILABLE, R.NEVER, NO),
    ("closed_endpoint", "model_unavailable", C.MODEL_UNAVAILABLE, R.NEVER, NO),
    ("rate", "provider_rate_limited", C.RATE_LIMITED, R.HINTED, NO),
    ("rate_ipm", "provider_rate_limited", C.RATE_LIMITED, R.HINTED, NO),
    ("rate_rpm", "provider_rate_limited", C.RATE_LIMITED, R.HINTED, NO),
    ("burst", "provider_rate_limited", C.RATE_LIMITED, R.HINTED, NO),
    ("inflight", "provider_rate_limited", C.RATE_LIMITED, R.HINTED, NO),
    ("rate_unnamed", "provider_rate_limited", C.RATE_LIMITED, R.HINTED, NO),
    ("error_200", "provider_rate_limited", C.RATE_LIMITED, R.HINTED, NO),
    ("set_limit", "quota_exhausted", C.QUOTA_EXHAUSTED, R.NEVER, NO),
    ("quota", "quota_exhausted", C.QUOTA_EXHAUSTED, R.NEVER, NO),
    ("overloaded", "upstream_busy", C.UPSTREAM_ERROR, R.BACKOFF, NO),
    ("internal", "upstream_busy", C.UPSTREAM_ERROR, R.BACKOFF, NO),
    ("unavailable", "upstream_busy", C.UPSTREAM_ERROR, R.BACKOFF, NO),
    ("data_internal", "upstream_busy", C.UPSTREAM_ERROR, R.BACKOFF, NO),
    ("request_timeout", "upstream_busy", C.UPSTREAM_ERROR, R.BACKOFF, NO),
    ("gateway_timeout", "upstream_unclear", C.UPSTREAM_ERROR, R.RERUN, MAYBE),
    ("empty", "no_image", C.NO_IMAGE, R.ONCE, NO),
    ("text_only", "no_image", C.NO_IMAGE, R.ONCE, NO),
    ("data_unknown", "no_image", C.NO_IMAGE, R.ONCE, NO),
    ("empty_but_billed", "no_image", C.NO_IMAGE, R.ONCE, YES),
    ("inside_url", "bad_output", C.BAD_OUTPUT, R.ASK, YES),
    ("url_expired", "bad_output", C.BAD_OUTPUT, R.ASK, YES),
    ("url_html", "bad_output", C.BAD_OUTPUT, R.ASK, YES),
    ("url_redirect", "bad_output", C.BAD_OUTPUT, R.ASK, YES),
]
ANY_ROWS: list[Row] = [
    ("reset", "timeout", C.TIMEOUT, R.RERUN, MAYBE),
    ("close", "timeout", C.TIMEOUT, R.RERUN, MAYBE),
    ("truncated", "timeout", C.TIMEOUT, R.RERUN, MAYBE),
    ("bad_gateway", "upstream_unclear", C.UPSTREAM_ERROR, R.RERUN, MAYBE),
    ("html_200", "upstream_unclear", C.UPSTREAM_ERROR, R.RERUN, MAYBE),
    ("html_502", "upstream_unclear", C.UPSTREAM_ERROR, R.RERUN, MAYBE),
    ("html_503", "upstream_unclear", C.UPSTREAM_ERROR, R.RERUN, MAYBE),
    ("html_504", "upstream_unclear", C.UPSTREAM_ERROR, R.RERUN, MAYBE),
    ("redirect", "upstream_unclear", C.UPSTREAM_ERROR, R.RERUN, MAYBE),
    ("html_404", "model_unavailable", C.MODEL_UNAVAILABLE, R.NEVER, NO),
    ("garbage", "bad_output", C.BAD_OUTPUT, R.ASK, YES),
    ("nonsense", "bad_output", C.BAD_OUTPUT, R.ASK, YES),
    ("array", "bad_output", C.BAD_OUTPUT, R.ASK, YES),
    ("bad_base64", "bad_output", C.BAD_OUTPUT, R.ASK, YES),
    ("huge", "bad_output", C.BAD_OUTPUT, R.ASK, YES),
    ("huge_error", "upstream_busy", C.UPSTREAM_ERROR, R.BACKOFF, NO),
]


def named(rows: list[Row]) -> list[object]:
    new = pytest.mark.filterwarnings("ignore:SOMETHING_NEW is not a valid")  # Google's library warns of what it meets
    return [pytest.param(*row, id=row[0], marks=[new] if "SOMETHING_NEW" in row[0] else []) for row in rows]


@pytest.mark.parametrize(("behaviour", "code", "category", "rule", "charged"), named(GEMINI_ROWS + ANY_ROWS))
def test_gemini_failure_has_the_row_of_the_table(gemini, gemini_fake, behaviour, code, category, rule, charged):
    gemini_fake.plan = [behaviour]

    failure = told(gemini, GEMINI)

    assert (failure.code, failure.category, failure.rule, failure.charged) == (code, category, rule, charged)
    assert len(gemini_fake.calls) == 1  # whatever happened, it was not sent twice


@pytest.mark.parametrize(("behaviour", "code", "category", "rule", "charged"), named(DOUBAO_ROWS + ANY_ROWS))
def test_doubao_failure_has_the_row_of_the_table(doubao, doubao_fake, behaviour, code, category, rule, charged):
    doubao_fake.plan = [behaviour]

    failure = told(doubao, DOUBAO)

    assert (failure.code, failure.category, failure.rule, failure.charged) == (code, category, rule, charged)
    assert len(doubao_fake.calls) == 1


@pytest.mark.parametrize("behaviour", ["hang", "stalled", "drip"])
def test_an_answer_that_does_not_come_in_time_may_have_been_charged(gemini, gemini_fake, behaviour):
    gemini_fake.plan = [behaviour]

    failure = told(gemini, GEMINI, timeout_s=0.5)

    assert (failure.code, failure.charged) == ("timeout", MAYBE)
    assert len(gemini_fake.calls) == 1


@pytest.mark.parametrize("behaviour", ["hang", "stalled", "drip"])
def test_a_picture_of_ark_that_does_not_come_in_time_may_have_been_charged(doubao, doubao_fake, behaviour):
    doubao_fake.plan = [behaviour]

    failure = told(doubao, DOUBAO, timeout_s=0.5)

    assert (failure.code, failure.charged) == ("timeout", MAYBE)
    assert len(doubao_fake.calls) == 1


def test_gemini_says_when_to_come_again(gemini, gemini_fake):
    gemini_fake.plan = ["rate_minute", "rate_long", "rate_plain", "quota_day"]

    *hints, day = [told(gemini, GEMINI).retry_after_s for _ in range(4)]

    assert hints == [18.2, 120.0, None]
    assert day is not None
    assert 0 < day <= 25 * 3600  # of a spent day: until midnight Pacific


@pytest.mark.parametrize(
    ("now", "hours"),
    [("2026-11-25T23:00", 1), ("2026-11-25T00:00", 24), ("2026-03-08T00:30", 22.5), ("2026-11-01T00:30", 24.5)],
    ids=["evening", "midnight", "a short day", "a long day"],
)
def test_a_spent_day_ends_at_midnight_pacific_also_where_clocks_change(now: str, hours: float):
    moment = datetime.fromisoformat(now).replace(tzinfo=ZoneInfo("America/Los_Angeles"))

    assert seconds_to_reset(moment) == hours * 3600


def test_ark_says_when_to_come_again(doubao, doubao_fake):
    doubao_fake.plan = ["rate", "rate_ipm", "quota"]

    assert [told(doubao, DOUBAO).retry_after_s for _ in range(3)] == [7.0, None, None]


def test_a_failure_tells_the_words_of_the_provider(gemini, gemini_fake, doubao, doubao_fake):
    gemini_fake.plan, doubao_fake.plan = ["overloaded"], ["invalid_parameter"]

    assert told(gemini, GEMINI).detail == "503 The model is overloaded. Please try again later."
    assert told(doubao, DOUBAO).detail == "400 InvalidParameter.size size is not valid Request id: 021729"


def test_a_page_is_told_in_its_words(gemini, gemini_fake, doubao, doubao_fake):
    gemini_fake.plan, doubao_fake.plan = ["html_502"], ["html_502"]

    assert "502 Bad Gateway" in told(gemini, GEMINI).detail
    assert "<" not in told(doubao, DOUBAO).detail
