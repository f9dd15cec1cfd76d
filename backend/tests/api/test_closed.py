"""Closed by default: without a login every endpoint answers 401 but those listed here, which are to be open."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from batchgen.store.connection import Client
from tests.conftest import RedisServer
from tests.team import Team, told

OPEN = {
    "GET /health", "GET /health/live", "GET /", "GET /<path:path>", "GET /api/openapi.json", "GET /api/docs",
    "GET /api/docs/start.js", "GET /api/docs/<any(js, css):kind>/<name>", "GET /api/auth/options",
    "POST /api/auth/login", "GET /api/auth/oidc/start", "GET /api/auth/oidc/callback",
    "POST /api/auth/invitations/look", "POST /api/auth/invitations/accept", "POST /api/auth/resets/look",
    "POST /api/auth/resets/accept", "POST /api/shared/open",
    # by a link, without which they are not there
    "GET /api/shared/batches/<batch_id>", "GET /api/shared/batches/<batch_id>/items",
    "GET /api/shared/batches/<batch_id>/archive",
}  # fmt: skip
ADMINS = {
    "GET /api/users", "POST /api/users", "PATCH /api/users/<user_id>", "DELETE /api/users/<user_id>",
    "POST /api/users/<user_id>/reset", "POST /api/users/<user_id>/sign-out", "GET /api/invitations",
    "POST /api/invitations", "DELETE /api/invitations/<invitation_id>",
    "GET /api/audit", "GET /api/providers/health", "GET /api/queue", "GET /api/budgets",
    "PUT /api/budgets/<payer>", "GET /api/ledger/check", "GET /metrics",
}  # fmt: skip


def endpoints(app: Flask) -> list[tuple[str, str, str]]:
    """(method, rule, a path of it) of every endpoint there is."""
    found = []
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            found.append((method, rule.rule, path_of(rule)))
    return found


def path_of(rule: Rule) -> str:
    values = {name: "js" if name == "kind" else "x" for name in rule.arguments}
    built = rule.build(values, append_unknown=False)
    assert built is not None
    return built[1]


def ask(client: FlaskClient, method: str, path: str):
    answer = client.open(path, method=method, buffered=not path.endswith("/events"))
    answer.close()  # an event stream has no end
    return answer


def test_without_a_login_everything_is_shut_that_is_not_meant_to_be_open(team: Team):
    answers = {f"{m} {rule}": ask(team.browser(), m, path).status_code for m, rule, path in endpoints(team.app)}

    assert {name for name, status in answers.items() if status != 401} == OPEN
    assert all(answers[name] != 403 for name in OPEN)


def test_what_is_for_admins_is_forbidden_to_members(team: Team):
    ann, found = team.member("ann"), set()
    for method, rule, path in endpoints(team.app):
        if ann.get("/api/auth/me").status_code == 401:  # that was a logout
            team.login("ann", browser=ann)
        if ask(ann, method, path).status_code == 403:
            found.add(f"{method} {rule}")

    assert found == ADMINS


def test_the_read_only_token_of_an_admin_changes_nothing_anywhere(team: Team):
    made = team.admin.post("/api/tokens", json={"name": "t", "scopes": ["read"]}).get_json()
    reader = team.script(made["token"])

    for method, rule, path in endpoints(team.app):
        name = f"{method} {rule}"
        if method != "GET" and name not in OPEN:
            assert told(ask(reader, method, path)) == (403, "forbidden"), name


def test_a_place_that_is_none_says_so_and_nothing_else(team: Team):
    assert told(team.browser().get("/api/nothing")) == (404, "not_found")
    assert told(team.browser().get("/static/uploads/x.png")) == (401, "unauthenticated")


def test_health_answers_while_redis_is_away(team: Team, redis: Client, redis_server: RedisServer):
    ann = team.member("ann")
    redis_server.stop()
    try:
        assert ann.get("/health/live").status_code == 200
        assert told(ann.get("/api/batches")) == (503, "state_unavailable")
        assert told(team.browser().get("/api/batches")) == (401, "unauthenticated")
    finally:
        redis_server.start()
    assert ann.get("/api/batches").status_code == 200  # the session was kept


@pytest.mark.parametrize("path", ["/api/batches", "/api/uploads/x", "/api/users"])
def test_a_browser_may_ask_about_cors_without_a_login(team: Team, path: str):
    assert team.browser().options(path).status_code == 200
