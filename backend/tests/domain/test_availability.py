import pytest

from batchgen.domain.availability import CALL_EVIDENCE_MS, Evidence, ModelState, Presence, gone_since, heir

NOW = 1_795_600_000_000  # 2026-11-25
GONE, PRESENT = Presence.GONE, Presence.PRESENT


def state(presence: Presence, evidence: Evidence = Evidence.PROBE, since_ms: int = NOW) -> ModelState:
    return ModelState(presence, evidence, since_ms, since_ms)


@pytest.mark.parametrize(
    ("ends", "known", "since"),
    [
        (None, None, None),
        (None, state(PRESENT), None),
        (None, state(GONE), "2026-11-25"),
        (None, state(GONE, since_ms=NOW - 3 * 86_400_000), "2026-11-22"),
        (None, state(GONE, Evidence.CALL), "2026-11-25"),
        (None, state(GONE, Evidence.CALL, NOW - CALL_EVIDENCE_MS), None),
        ("2026-11-26", None, None),
        ("2026-11-25", None, None),  # the last day
        ("2026-11-24", None, "2026-11-24"),
        ("2026-11-24", state(PRESENT), None),  # it outlives what was announced
        ("2026-11-24", state(GONE), "2026-11-25"),
        ("2026-11-24", state(GONE, Evidence.CALL, NOW - CALL_EVIDENCE_MS), "2026-11-24"),
    ],
)
def test_a_model_is_gone_by_what_was_found_or_by_its_announced_day(ends, known, since):
    assert gone_since(ends, known, NOW) == since


LINKS = {"a": "b", "b": "c", "c": None, "x": "y", "y": "x", "z": None}


@pytest.mark.parametrize(
    ("model", "usable", "default", "chosen"),
    [
        ("a", ["b", "c", "d"], "d", "b"),
        ("a", ["c", "d"], "d", "c"),  # the successor's successor
        ("a", ["d", "e"], "e", "e"),
        ("a", ["d", "e"], "a", "d"),  # the default itself is what went
        ("x", ["d"], "d", "d"),  # a circle ends
        ("z", ["z", "d"], "z", "d"),  # never itself, also where it is not known to be gone yet
        ("z", ["z"], "z", None),
        ("a", [], "a", None),
        ("unknown", ["d"], "d", "d"),
    ],
)
def test_what_to_use_instead_is_along_the_successors_then_the_default_then_the_first(model, usable, default, chosen):
    assert heir(model, LINKS, usable, default) == chosen
