"""A wrong value stops the start with one sentence that names the variable, the problem and an example."""

import os
import subprocess
from pathlib import Path

import pytest

from batchgen.settings import ROOT, SettingsError, load
from config.api_keys import all_keys, keys_for
from tests.conftest import BACKEND, PYTHON


def sentence_of(environ: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as wrong:
        load(environ)
    return str(wrong.value)


WRONG = [
    ("PORT", "abc", "valid integer"),
    ("PORT", "0", "greater than or equal to 1"),
    ("PORT", "70000", "less than or equal to 65535"),
    ("REDIS_URL", "http://127.0.0.1", "must start with redis://"),
    ("AUTH_MODE", "open", "Input should be '', 'password', 'oidc' or 'none'"),
    ("DEMO_LATENCY_SECONDS", "-1", "greater than or equal to 0"),
    ("PROVIDER_TIMEOUT_SECONDS", "0", "greater than 0"),
    ("MAX_ATTEMPTS", "21", "less than or equal to 20"),
    ("GEMINI_CONCURRENCY", "0", "greater than or equal to 1"),
    ("WORKER_CONCURRENCY", "many", "valid integer"),
    ("LEASE_SECONDS", "31", "less than or equal to 30"),
    ("MAX_BATCH_ITEMS", "100001", "less than or equal to 100000"),
    ("LOG_LEVEL", "LOUD", "'DEBUG'"),
    ("LOG_FORMAT", "xml", "'console'"),
    ("TRUSTED_PROXIES", "3", "less than or equal to 2"),
    ("RATE_UPLOADS", "many", "a count per time"),
    ("RATE_PER_ADDRESS", "-1/minute", "a count per time"),
    ("CORS_ORIGINS", "*", "whole origins"),
    ("CORS_ORIGINS", "https://*.example.com", "whole origins"),
    ("CORS_ORIGINS", "https://shop.example.com/", "whole origins"),
    ("CORS_ORIGINS", "shop.example.com", "whole origins"),
    ("METRICS_TOKEN", "short", "16 characters"),
    ("SENTRY_DSN", "errors.example.com", "error tracker"),
    ("MAX_STREAMS_PER_USER", "0", "greater than or equal to 1"),
    ("SECRET_KEY", "too short", "at least 32 random characters"),
    ("SESSION_IDLE_HOURS", "0", "greater than 0"),
    ("SESSION_DAYS", "366", "less than or equal to 365"),
    ("OIDC_ISSUER", "http://login.example.com", "must start with https://"),
    ("OIDC_SCOPES", "profile", "must hold openid"),
    ("SMTP_URL", "https://mail.example.com", "must be smtp://"),
    ("SMTP_URL", "smtp://:word@", "must be smtp://"),
    ("SMTP_URL", "smtp://mail.example.com:x", "must be smtp://"),
    ("SMTP_FROM", "a@example.com, b@example.com", "one e-mail address"),
    ("STORAGE_URL", "https://store.example.com/pictures", "must be s3://"),
    ("STORAGE_URL", "s3://", "must be s3://"),
    ("STORAGE_URL", "s3://pictures/../other", "must be s3://"),
    ("STORAGE_ENDPOINT", "minio:9000", "must be http:// or https://"),
    ("STORAGE_PUBLIC_ENDPOINT", "https://store.example.com/pictures", "without a path"),
    ("STORAGE_LINK_SECONDS", "604801", "less than or equal to 604800"),
    ("RETENTION_RESULTS_DAYS", "0.5", "at least 1"),
    ("RETENTION_BATCHES_DAYS", "-1", "greater than or equal to 0"),
    ("LOW_FREE_MB", "-1", "greater than or equal to 0"),
]


@pytest.mark.parametrize(("name", "value", "problem"), WRONG)
def test_a_wrong_value_is_told_in_one_sentence(name, value, problem):
    told = sentence_of({name: value})

    assert told.startswith(f"{name} is wrong: ")
    assert problem in told
    assert f"example: {name}=" in told
    assert "\n" not in told


def test_the_example_of_a_wrong_value_is_itself_right():
    for name in ("PORT", "AUTH_MODE", "LOG_LEVEL", "LEASE_SECONDS", "REDIS_URL"):
        example = sentence_of({name: "?"}).rpartition(f"{name}=")[2]
        load({name: example})


def test_mail_without_a_sender_is_told_without_the_password():
    told = sentence_of({"SMTP_URL": "smtps://ann:secret-word@mail.example.com"})

    assert told.startswith("SMTP_URL needs SMTP_FROM")
    assert "secret-word" not in told


def test_every_wrong_value_is_named_at_once():
    told = sentence_of({"PORT": "abc", "LOG_LEVEL": "LOUD"})

    assert "PORT is wrong" in told
    assert "LOG_LEVEL is wrong" in told


def test_a_wrong_value_that_may_hold_a_password_is_not_repeated():
    assert "hunter2" not in sentence_of({"REDIS_URL": "mysql://user:hunter2@db/0"})


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "images.example.com"])
def test_without_accounts_only_loopback_is_served(host):
    told = sentence_of({"HOST": host, "AUTH_MODE": "none"})

    assert "AUTH_MODE=none" in told
    assert "example: HOST=127.0.0.1" in told


@pytest.mark.parametrize("public", ["https://images.example.com", "http://192.168.1.5:5001", "http://0.0.0.0"])
def test_without_accounts_no_proxy_may_let_others_in(public):
    told = sentence_of({"AUTH_MODE": "none", "PUBLIC_URL": public})

    assert "AUTH_MODE=none" in told
    assert "PUBLIC_URL" in told
    assert "example: AUTH_MODE=password" in told


@pytest.mark.parametrize(
    ("environ", "mode"),
    [
        ({}, "none"),
        ({"HOST": "::1"}, "none"),
        ({"PUBLIC_URL": "http://localhost:5001"}, "none"),
        ({"PUBLIC_URL": "http://[::1]:5001/"}, "none"),
        ({"HOST": "0.0.0.0"}, "password"),
        ({"HOST": "192.168.1.5"}, "password"),
        ({"PUBLIC_URL": "https://images.example.com"}, "password"),
        ({"AUTH_MODE": "password"}, "password"),
        ({"AUTH_MODE": "none"}, "none"),
    ],
)
def test_people_sign_in_by_password_wherever_others_can_reach_us(environ, mode):
    assert load(environ).mode == mode


OIDC = {
    "AUTH_MODE": "oidc", "OIDC_ISSUER": "https://login.example.com", "OIDC_CLIENT_ID": "batchgen",
    "OIDC_CLIENT_SECRET": "very-secret", "OIDC_ADMIN_GROUP": "admins",
}  # fmt: skip


@pytest.mark.parametrize("missing", ["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_ADMIN_GROUP"])
def test_an_identity_provider_is_named_whole_or_not_at_all(missing):
    assert load(OIDC).mode == "oidc"

    told = sentence_of(OIDC | {missing: ""})

    assert told.startswith(f"AUTH_MODE=oidc needs {missing}; example: {missing}=")
    assert "very-secret" not in told


@pytest.mark.parametrize(
    ("given", "missing"), [("ADMIN_USERNAME", "ADMIN_PASSWORD"), ("ADMIN_PASSWORD", "ADMIN_USERNAME")]
)
def test_the_first_admin_needs_a_name_and_a_password(given, missing):
    told = sentence_of({given: "hunter2hunter2"})

    assert told.startswith(f"{missing} is missing")
    assert "hunter2" not in told


def test_no_secret_is_shown_when_settings_are_printed():
    secrets = {"SECRET_KEY": "k" * 32, "ADMIN_USERNAME": "ann", "ADMIN_PASSWORD": "hunter2hunter2"}
    store = {"STORAGE_ACCESS_KEY": "AKIA0", "STORAGE_SECRET_KEY": "of-the-store"}
    settings = load(OIDC | secrets | store)

    assert not [s for s in ("k" * 32, "hunter2", "very-secret", "of-the-store", "AKIA0") if s in repr(settings)]
    assert {"k" * 32, "hunter2hunter2", "very-secret", "of-the-store"} <= set(settings.secrets)


@pytest.mark.parametrize(
    ("given", "missing"), [("STORAGE_ACCESS_KEY", "STORAGE_SECRET_KEY"), ("STORAGE_SECRET_KEY", "STORAGE_ACCESS_KEY")]
)
def test_a_key_of_the_store_has_two_parts(given, missing):
    told = sentence_of({given: "hunter2"})

    assert told.startswith(f"{missing} is missing")
    assert "hunter2" not in told


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_loopback_is_served_without_accounts(host):
    assert load({"HOST": host}).host == host


def test_an_empty_value_means_the_default():
    assert load({"PORT": "", "REDIS_URL": ""}) == load({})


def test_a_relative_var_dir_starts_at_the_root():
    assert load({"VAR_DIR": "var/5002"}).var_dir == ROOT / "var/5002"


def test_an_absolute_var_dir_stays():
    assert load({"VAR_DIR": "/srv/batchgen"}).var_dir == Path("/srv/batchgen")


def test_settings_cannot_be_changed_later():
    with pytest.raises(ValueError, match="frozen"):
        load({}).port = 1  # type: ignore[misc]


def test_a_key_variable_may_hold_several_keys():
    assert keys_for("gemini", {"GEMINI_API_KEY": " one, two ,,three"}) == ["one", "two", "three"]


def test_a_key_that_is_given_twice_is_one_key_with_one_limit():
    assert keys_for("gemini", {"GEMINI_API_KEY": "one,two, one"}) == ["one", "two"]


def test_a_provider_without_a_key_has_none():
    assert keys_for("gemini", {}) == keys_for("demo", {"GEMINI_API_KEY": "one"}) == []


def test_all_keys_are_known_for_masking():
    environ = {"GEMINI_API_KEY": "g1,g2", "DOUBAO_API_KEY": "d1"}

    assert sorted(all_keys(environ)) == ["d1", "g1", "g2"]


@pytest.mark.parametrize("start", [["app.py"], ["-c", "import worker"]])
def test_a_wrong_value_stops_the_process_before_it_serves(start):
    environ = {"PATH": os.environ["PATH"], "PORT": "abc", "GEMINI_API_KEY": "AIza-very-secret"}

    ended = subprocess.run([PYTHON, *start], cwd=BACKEND, env=environ, capture_output=True, text=True, timeout=60)

    assert ended.returncode != 0
    assert ended.stderr.strip().splitlines() == [
        "PORT is wrong: Input should be a valid integer, unable to parse string as an integer; example: PORT=5001"
    ]
    assert "AIza" not in ended.stdout + ended.stderr
