"""The table of sentences: complete, in both languages, and nothing in it that nobody says."""

import re
from string import Formatter

import pytest

from batchgen.domain.failures import KINDS
from batchgen.errors import MESSAGES, WARNINGS, AppError, Detail, sentence
from tests.conftest import BACKEND

SOURCES = {path: path.read_text(encoding="utf-8") for path in (BACKEND / "batchgen").rglob("*.py")}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("code", sorted(MESSAGES | WARNINGS))
def test_both_sentences_have_the_same_placeholders(code):
    row = (MESSAGES | WARNINGS)[code]

    assert placeholders(row.zh) == placeholders(row.en)


@pytest.mark.parametrize("code", sorted(MESSAGES))
def test_a_row_is_a_code_an_error_status_and_a_sentence_in_each_language(code):
    row = MESSAGES[code]

    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", code)
    assert 400 <= row.status <= 599
    assert re.search("[一-鿿]", row.zh)
    assert not re.search("[一-鿿]", row.en)


@pytest.mark.parametrize("code", sorted(WARNINGS))
def test_a_warning_is_a_sentence_in_each_language_and_no_error(code):
    assert re.search("[一-鿿]", WARNINGS[code].zh)
    assert not re.search("[一-鿿]", WARNINGS[code].en)
    assert code not in MESSAGES


@pytest.mark.parametrize("code", sorted(KINDS))
def test_every_failure_of_an_attempt_has_its_sentence(code):
    assert code in MESSAGES


@pytest.mark.parametrize("code", sorted(MESSAGES | WARNINGS))
def test_every_row_is_said_somewhere(code):
    said = re.compile(rf"""["']{code}["']""")
    elsewhere = [path.name for path, text in SOURCES.items() if path.name != "errors.py" and said.search(text)]

    assert elsewhere


def test_a_sentence_is_filled_in_the_language_asked_for():
    params = {"name": "猫.jpg", "limit_mb": 20}

    assert sentence("file_too_large", "en", **params) == "“猫.jpg” is over 20 MB; make it smaller."
    assert sentence("file_too_large", "zh-CN", **params) == "“猫.jpg”超过 20 MB，请压缩后重试。"


def test_an_unknown_language_gets_chinese():
    assert sentence("prompt_empty", "fr") == MESSAGES["prompt_empty"].zh


def test_a_missing_parameter_is_no_second_error():
    assert sentence("unknown_model", "en", provider="gemini") == "“gemini” has no model “model”."


def test_a_value_with_braces_is_not_a_placeholder():
    assert sentence("unknown_provider", "en", provider="{0.__class__}") == "There is no provider “{0.__class__}”."


def test_an_error_at_a_field_names_it():
    wrong = AppError.at("items[3].upload_id", "unknown_upload", id="u1")

    assert (wrong.code, wrong.status) == ("unknown_upload", 422)
    assert wrong.details == [Detail("items[3].upload_id", "unknown_upload", {"id": "u1"})]


def test_a_code_without_a_row_cannot_be_raised():
    with pytest.raises(KeyError):
        AppError("no_such_code")
