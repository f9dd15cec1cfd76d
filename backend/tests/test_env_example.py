"""env.example is the list of settings: complete, no more than that, and with the defaults that hold."""

import re
from pathlib import Path

import pytest

from batchgen.settings import ROOT, Settings, load
from config.api_keys import KEY_VARIABLES

LINES = (ROOT / "env.example").read_text(encoding="utf-8").splitlines()
SHOWN = {m[1]: m[2] for line in LINES if (m := re.fullmatch(r"# ([A-Z][A-Z0-9_]*)=(.*)", line))}
DEFAULTS = {name.upper(): field.default for name, field in Settings.model_fields.items()}


def test_it_lists_exactly_the_settings_and_keys_that_exist():
    assert set(SHOWN) == set(DEFAULTS) | set(KEY_VARIABLES.values())


def test_no_setting_is_listed_twice():
    names = re.findall(r"^# ([A-Z][A-Z0-9_]*)=", "\n".join(LINES), re.MULTILINE)

    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", sorted(DEFAULTS))
def test_the_value_shown_is_the_default(name):
    with_it = load({name: SHOWN[name]})

    assert getattr(with_it, name.lower()) == getattr(load({}), name.lower()) == DEFAULTS[name]


def test_no_key_is_shown():
    assert [SHOWN[name] for name in KEY_VARIABLES.values()] == [""] * len(KEY_VARIABLES)


def test_copying_it_changes_nothing():
    active = [line for line in LINES if line and not line.startswith("#")]

    assert active == []


def test_every_setting_has_its_reason_in_both_languages():
    for name in SHOWN:
        reason = reason_above(name)
        assert re.search("[一-鿿]", reason), f"{name} has no Chinese reason"
        assert re.search("[a-z]{3}", reason), f"{name} has no English reason"


def reason_above(name: str) -> str:
    """The comment lines above an assignment, or above the group of assignments that it stands in."""
    at = next(i for i, line in enumerate(LINES) if line.startswith(f"# {name}="))
    while re.match(r"# [A-Z][A-Z0-9_]*=", LINES[at]):
        at -= 1
    end = at
    while at >= 0 and LINES[at].startswith("#") and not LINES[at].startswith("# ---"):
        at -= 1
    return "\n".join(LINES[at + 1 : end + 1])


def test_gunicorn_listens_where_the_settings_say(monkeypatch):
    for name in ("HOST", "PORT", "WEB_WORKERS"):
        monkeypatch.delenv(name, raising=False)
    text = (Path(__file__).parents[1] / "gunicorn.conf.py").read_text(encoding="utf-8")

    defaults = dict(re.findall(r'os\.environ\.get\("([A-Z_]+)"\) or "?([\w.]+)"?', text))

    assert defaults == {n: str(DEFAULTS[n]) for n in ("HOST", "PORT", "WEB_WORKERS", "LOG_LEVEL")}
