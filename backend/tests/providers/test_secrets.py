"""The key goes into a header and nowhere else."""

import logging
import pickle
import traceback
from collections.abc import Callable

import pytest

from batchgen.domain.failures import ProviderFailure
from batchgen.providers.base import KeyRing, ProviderConfig
from batchgen.providers.registry import Registry
from tests.fakes.broken import BROKEN
from tests.providers.conftest import BASE, DOUBAO, GEMINI, KEYS, asked

TROUBLE = [
    "key_invalid", "unauthenticated", "forbidden", "echo", "overloaded", "rate_minute", "rate", "garbage", "array",
    "nonsense", "html_502", "html_200", "reset", "truncated", "redirect", "bad_base64", "blocked", "data_blocked",
    "url_expired",
]  # fmt: skip


def everything_attached_to(error: BaseException) -> str:
    """All that a log, an error tracker or a queue could find on an exception and on those behind it."""
    seen: list[object] = [*traceback.format_exception(error)]
    behind: BaseException | None = error
    while behind is not None:
        seen += [repr(behind), str(behind), behind.args, vars(behind)]
        behind = behind.__cause__ or behind.__context__
    return repr(seen) + repr(pickle.dumps(error.args))


def raised_by(call: Callable[[], object]) -> ProviderFailure | None:
    try:
        call()
    except ProviderFailure as failed:
        return failed
    return None


@pytest.mark.parametrize("provider", ["gemini", "doubao"])
@pytest.mark.parametrize("behaviour", [*TROUBLE, "ok"])
def test_no_key_is_in_a_log_or_on_an_exception(provider, behaviour, request, caplog):
    adapter, fake = request.getfixturevalue(provider), request.getfixturevalue(f"{provider}_fake")
    fake.plan = lambda call: behaviour if _has(fake, call, behaviour) else "ok"
    caplog.set_level(logging.DEBUG)
    prompt = f"my key is {KEYS[0]} and Bearer {KEYS[1]}"  # a provider that echoes the prompt echoes this

    with caplog.at_level(logging.DEBUG):
        failed = raised_by(
            lambda: adapter.generate(asked(GEMINI if provider == "gemini" else DOUBAO, prompt, BASE), timeout_s=20)
        )

    assert "test-key" not in caplog.text
    assert "test-key" not in repr([vars(record) for record in caplog.records])
    if failed is not None:
        assert failed.__context__ is None
        assert failed.__cause__ is None
        assert "test-key" not in everything_attached_to(failed)
        assert "test-key" not in repr(failed.failure)


def _has(fake, call, behaviour: str) -> bool:
    if behaviour in BROKEN:
        return True
    try:
        fake.reply(call, behaviour)
    except KeyError:
        return False
    return True


def test_no_frame_of_the_traceback_holds_a_key(gemini, gemini_fake, doubao, doubao_fake):
    gemini_fake.plan, doubao_fake.plan = ["overloaded"], ["internal"]

    for adapter, model in ((gemini, GEMINI), (doubao, DOUBAO)):
        failed = raised_by(lambda: adapter.generate(asked(model), timeout_s=20))  # noqa: B023 - called at once
        assert failed is not None
        summary = traceback.TracebackException.from_exception(failed, capture_locals=True)
        ours = [line for line in summary.format() if "batchgen/providers" in line]
        assert ours
        assert "test-key" not in "".join(ours)


def test_a_picture_of_a_prompt_with_a_key_tells_no_key(gemini, gemini_fake):
    gemini_fake.plan = ["text_and_picture"]

    assert "test-key" not in repr(gemini.generate(asked(GEMINI, KEYS[0]), timeout_s=20))


def test_configs_and_what_is_made_of_them_show_no_key():
    config = ProviderConfig(KEYS, "https://example.test")
    registry = Registry({"gemini": config, "doubao": config})

    shown = [config, KeyRing(KEYS), registry, registry.infos(), registry.adapter("gemini"), registry.adapter("doubao")]

    assert "test-key" not in repr(shown)
    assert "test-key" not in repr([str(thing) for thing in shown])
