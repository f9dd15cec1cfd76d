"""Templates: what is a variable, what stays as it was typed. The frontend holds to the same table of cases."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgen.domain.prompts import MAX_NAME, Resolved, is_name, parse, resolve, variables_of
from tests.conftest import BACKEND

CASES = json.loads((BACKEND.parent / "frontend" / "src" / "testing" / "prompts.json").read_text(encoding="utf-8"))
NAMES = st.text(st.characters(categories=["L", "M", "N"]), min_size=1, max_size=MAX_NAME).filter(is_name)
LOOSE = str.maketrans("", "", "{} ")
BRACES = st.text(st.sampled_from('{} "ab:,\n颜'))


@pytest.mark.parametrize("case", CASES, ids=[c["template"] for c in CASES])
def test_a_template_is_read_and_filled(case):
    assert list(variables_of(case["template"])) == case["variables"]
    assert resolve(case["template"], case["values"]).prompt == case["prompt"]


@given(st.text(st.characters(exclude_characters="{}")))
def test_without_braces_what_is_typed_is_what_is_sent(words: str):
    assert resolve(words, {}).prompt == words


@given(BRACES)
def test_words_between_braces_are_never_lost(template: str):
    assert "".join(parse(template)).translate(LOOSE) == template.translate(LOOSE)


@given(st.text(st.characters(exclude_characters="{}")), st.text(), st.text(st.characters(exclude_characters="{}")))
def test_a_value_goes_in_whole_and_is_not_looked_into(before: str, value: str, after: str):
    filled = resolve(f"{before}{{v}}{after}", {"v": value}).prompt

    assert filled == (before + value + after if value.strip() else None)


@given(st.dictionaries(NAMES, st.text(min_size=1).filter(str.strip), max_size=5))
def test_doubled_braces_write_any_text(values: dict[str, str]):
    escaped = "".join(f"{{{{{name}}}}}" for name in values)

    assert resolve(escaped, {}).prompt == "".join(f"{{{name}}}" for name in values)


def test_all_that_is_missing_is_named_in_order_and_a_blank_value_is_none():
    assert resolve("{a} {b} {c} {a}", {"b": "x", "c": " "}) == Resolved(None, ("a", "c"), {})


def test_only_what_is_used_is_given_back():
    assert resolve("{a}", {"a": "x", "b": "y"}).used == {"a": "x"}


def test_a_name_over_the_limit_is_no_variable():
    assert variables_of("{" + "x" * MAX_NAME + "}") == ("x" * MAX_NAME,)
    assert variables_of("{" + "x" * (MAX_NAME + 1) + "}") == ()


def test_a_megabyte_of_braces_is_read_at_once():
    for template in ("{" * 2**20, "{a" * 2**19, "{{a}}" * 2**18):
        assert variables_of(template) == ()
