"""The table of who may do what. Each row is an endpoint; each column somebody who asks for what is Ann's: `read` and
`submit` are her own tokens, `disabled` an admin who is disabled, `link` and `expired` strangers who have but a link.

In paths and bodies `{batch}` is a batch of hers that has ended, `{queued}` one that has not, `{hidden}` one that she
has just deleted, all shared with the team
where the teammate asks; `{link}` a link of `{batch}` with its `{token}`, `{upload}` an image of it, `{free}` one that
is in no batch; `{duel}` a duel of hers with its `{contestant}`; `{person}` an account, `{invitation}` one that is open,
`{script}` a token of hers, `{template}` a template; `{new}` a name that nobody has.
"""

from dataclasses import dataclass
from typing import Any

from batchgen.settings import ROOT

COLUMNS = ("nobody", "owner", "member", "teammate", "read", "submit", "admin", "disabled", "link", "expired")
_SHUT, _NONE, _NOT_YOURS = 401, 404, 403


@dataclass(frozen=True)
class Row:
    """`asked`: method and path; `says`: a status for each of COLUMNS. `rule`: the endpoint, where the path has words
    in it that a rule has as one; in `form`, `{png}` is a picture that nobody has."""

    asked: str
    says: tuple[int, ...]
    body: Any = None
    form: bytes = b""
    rule: str = ""

    @property
    def method(self) -> str:
        return self.asked.partition(" ")[0]

    @property
    def path(self) -> str:
        return self.asked.partition(" ")[2]


def _anybody(status: int = 200) -> tuple[int, ...]:
    return (status,) * 10


def _team_looks(status: int = 200) -> tuple[int, ...]:
    """At what is the owner's, and the team's where it is shared."""
    return (_SHUT, status, _NONE, status, status, status, status, _SHUT, _SHUT, _SHUT)


def _owner_looks(status: int = 200) -> tuple[int, ...]:
    return (_SHUT, status, _NONE, _NOT_YOURS, status, status, status, _SHUT, _SHUT, _SHUT)


def _owner_changes(status: int = 200) -> tuple[int, ...]:
    return (_SHUT, status, _NONE, _NOT_YOURS, _NOT_YOURS, status, status, _SHUT, _SHUT, _SHUT)


def _any_member_looks(status: int = 200) -> tuple[int, ...]:
    return (_SHUT, status, status, status, status, status, status, _SHUT, _SHUT, _SHUT)


def _any_member_does(status: int = 200) -> tuple[int, ...]:
    return (_SHUT, status, status, status, _NOT_YOURS, status, status, _SHUT, _SHUT, _SHUT)


def _admins(status: int = 200) -> tuple[int, ...]:
    return (_SHUT, _NOT_YOURS, _NOT_YOURS, _NOT_YOURS, _NOT_YOURS, _NOT_YOURS, status, _SHUT, _SHUT, _SHUT)


def _in_person(status: int = 200) -> tuple[int, ...]:
    """Any member about themselves, but no program for them."""
    return (_SHUT, status, status, status, _NOT_YOURS, _NOT_YOURS, status, _SHUT, _SHUT, _SHUT)


# a source, and what of it is not the team's; a result is also shown by the link
_OWN = (_SHUT, 200, _NONE, _NONE, 200, 200, 200, _SHUT, _SHUT, _SHUT)
_UPLOAD_GOES = (_SHUT, 204, _NONE, _NONE, _NOT_YOURS, 204, 204, _SHUT, _SHUT, _SHUT)
_RESTORED = (_SHUT, 200, _NONE, _NONE, _NOT_YOURS, 200, 200, _SHUT, _SHUT, _SHUT)
_OWN_CHANGE = (_SHUT, 409, _NONE, _NONE, _NOT_YOURS, 409, 409, _SHUT, _SHUT, _SHUT)
_RESULT = (_SHUT, 200, _NONE, 200, 200, 200, 200, _SHUT, 200, _SHUT)
_OWN_TOKEN = (_SHUT, 204, _NONE, _NONE, _NOT_YOURS, _NOT_YOURS, _NONE, _SHUT, _SHUT, _SHUT)
_BY_LINK = (404, 404, 404, 404, 404, 404, 404, 404, 200, 404)

_SPA = 200 if (ROOT / "frontend" / "dist" / "index.html").is_file() else 404
_PERSON = {"username": "{new}", "name": "New", "password": "a long enough passphrase"}
_YES = {"decision": "approved"}
_GOOD = {"prompt": "p", "items": [{}]}
_DUEL = _GOOD | {"items": [{}, {}], "pilot": {"size": 1}, "contestants": [{}, {"prompt": "q"}]}
_FILE = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n{png}\r\n--x--\r\n'

TABLE = [
    # open to all
    Row("GET /", _anybody(_SPA)),
    Row("GET /history", _anybody(_SPA), rule="/<path:path>"),
    Row("GET /health", _anybody()),
    Row("GET /health/live", _anybody()),
    Row("GET /api/openapi.json", _anybody()),
    Row("GET /api/docs", _anybody()),
    Row("GET /api/docs/start.js", _anybody()),
    Row("GET /api/docs/css/swagger-ui.css", _anybody(), rule="/api/docs/<any(js, css):kind>/<name>"),
    # signing in
    Row("GET /api/auth/options", _anybody()),
    Row("POST /api/auth/login", _anybody(401), {"username": "{new}", "password": "wrong password"}),
    Row("POST /api/auth/invitations/look", _anybody(404), {"token": "{token}"}),
    Row("POST /api/auth/invitations/accept", _anybody(404), {"token": "{token}", **_PERSON}),
    Row("POST /api/auth/resets/look", _anybody(404), {"token": "{token}"}),
    Row("POST /api/auth/resets/accept", _anybody(404), {"token": "{token}", "password": _PERSON["password"]}),
    Row("GET /api/auth/oidc/start", _anybody(302)),
    Row("GET /api/auth/oidc/callback", _anybody(302)),
    # oneself
    Row("POST /api/auth/logout", _any_member_does(204)),
    Row("POST /api/auth/logout-everywhere", _in_person(204)),
    Row("GET /api/auth/me", _any_member_looks()),
    Row("PATCH /api/auth/me", _in_person(), {"email": "someone@example.com"}),
    Row("POST /api/auth/password", _in_person(401), {"current_password": "wrong", "new_password": "x"}),
    Row("GET /api/tokens", _any_member_looks()),
    Row("POST /api/tokens", _in_person(201), {"name": "n", "scopes": ["read"], "expires_in_days": 1}),
    Row("DELETE /api/tokens/{script}", _OWN_TOKEN, rule="/api/tokens/<token_id>"),
    # what every member has
    Row("GET /api/providers", _any_member_looks()),
    Row("GET /api/limits", _any_member_looks()),
    Row("GET /api/events", _any_member_looks()),
    Row("GET /api/me/notices", _any_member_looks()),
    Row("GET /api/money", _any_member_looks()),
    Row("GET /api/ledger", _any_member_looks()),
    Row("GET /api/ledger?user=ann", _OWN),
    Row("GET /api/ledger/summary?by=day", _any_member_looks()),
    Row("GET /api/ledger/summary?by=day&user=ann", _OWN),
    Row("GET /api/ledger.csv?user=ann", _OWN),
    Row("GET /api/ledger.csv", _any_member_looks()),
    Row("PUT /api/me/notices", _any_member_does(), {"targets": [], "default": False}),
    Row("POST /api/me/notices/test", _any_member_does(422), {"id": "n" + "0" * 20}),
    Row("POST /api/estimates", _any_member_does(), _GOOD),
    Row("POST /api/prompts/preview", _any_member_does(), _GOOD),
    Row("POST /api/prompts/filenames", _any_member_does(), {"filename_pattern": "n", "items": [{}]}),
    Row("POST /api/prompts/table", _any_member_does(), {"text": "a\tb\n1\t2"}),
    Row("POST /api/generate", _any_member_does(422), form=b"--x--\r\n"),
    Row("POST /api/uploads", _any_member_does(201), form=_FILE),
    Row("POST /api/batches", _any_member_does(202), _GOOD),
    Row("GET /api/batches", _any_member_looks()),
    Row("GET /api/batches?scope=team", _any_member_looks()),
    Row("GET /api/usage", _any_member_looks()),
    Row("GET /api/turns", _any_member_looks()),
    Row("GET /api/batches?scope=all", _admins()),
    # uploads
    Row("GET /api/uploads/{upload}", _OWN, rule="/api/uploads/<upload_id>"),
    Row("DELETE /api/uploads/{free}", _UPLOAD_GOES, rule="/api/uploads/<upload_id>"),
    Row("GET /static/uploads/{upload}.png", _team_looks(), rule="/static/<path:filename>"),
    Row("GET /static/thumbnails/{upload}.webp", _team_looks(), rule="/static/<path:filename>"),
    Row("GET /static/uploads/{free}.png", _OWN, rule="/static/<path:filename>"),
    # results
    Row("GET /static/results/generated_{batch}-0.png", _RESULT, rule="/static/<path:filename>"),
    Row("GET /static/thumbnails/{batch}-0.webp", _RESULT, rule="/static/<path:filename>"),
    Row("GET /static/results/generated_{batch}-1_1.png", _team_looks(), rule="/static/<path:filename>"),
    Row("GET /static/thumbnails/{batch}-1_1.webp", _team_looks(), rule="/static/<path:filename>"),
    # batches and items: looked at
    Row("GET /api/batches/{batch}", _team_looks()),
    Row("GET /api/batches/{batch}/items", _team_looks()),
    Row("GET /api/batches/{batch}/archive", _team_looks()),
    Row("GET /api/batches/{batch}/sources", _team_looks()),
    Row("GET /api/batches/{batch}/events", _team_looks()),
    Row("GET /api/batches/{batch}/notices", _owner_looks()),
    Row("GET /api/batches/{batch}/sharing", _owner_looks()),
    Row("GET /api/items/{batch}-0", _team_looks(), rule="/api/items/<item_id>"),
    # batches and items: changed
    Row("PATCH /api/batches/{batch}", _owner_changes(), {"name": "n"}),
    Row("DELETE /api/batches/{batch}", _owner_changes(204)),
    Row("POST /api/batches/{hidden}/restore", _RESTORED),
    Row("POST /api/batches/{queued}/cancel", _owner_changes()),
    Row("POST /api/batches/{queued}/pause", _owner_changes()),
    Row("POST /api/batches/{queued}/resume", _owner_changes()),
    Row("POST /api/batches/{batch}/retry", _owner_changes(), {}),
    Row("POST /api/batches/{batch}/accept", _owner_changes()),
    Row("POST /api/items/{queued}-0/cancel", _owner_changes(), rule="/api/items/<item_id>/cancel"),
    Row("POST /api/items/{batch}-1/retry", _owner_changes(), {}, rule="/api/items/<item_id>/retry"),
    Row("POST /api/items/{batch}-1/accept", _owner_changes(), rule="/api/items/<item_id>/accept"),
    Row(
        "POST /api/items/{batch}-0/review",
        _owner_changes(),
        {"decision": "approved"},
        rule="/api/items/<item_id>/review",
    ),
    Row("POST /api/batches/{batch}/review", _owner_changes(422), {"decisions": [{"item_id": "x", "decision": "none"}]}),
    Row("POST /api/items/{batch}-0/redo", _owner_changes(), {}, rule="/api/items/<item_id>/redo"),
    Row("POST /api/items/{batch}-0/redo/estimate", _owner_changes(), {}, rule="/api/items/<item_id>/redo/estimate"),
    Row("POST /api/items/{batch}-0/restore", _owner_changes(409), {"number": 0}, rule="/api/items/<item_id>/restore"),
    # pilots and duels: nothing waits for a word here, so who may say it is told that
    Row("POST /api/batches/{queued}/pilot/approve", _owner_changes(409), {}),
    Row("POST /api/batches/{queued}/pilot/repeat", _owner_changes(409), {}),
    Row("POST /api/batches/{queued}/pilot/estimate", _owner_changes(409), {}),
    Row("POST /api/duels", _any_member_does(202), _DUEL),
    Row("GET /api/duels/{duel}", _OWN),
    Row("POST /api/duels/{duel}/choose", _OWN_CHANGE, {"batch_id": "{contestant}"}),
    # sharing
    Row("PUT /api/batches/{batch}/sharing", _owner_changes(), {"team": False}),
    Row("POST /api/batches/{batch}/links", _owner_changes(201), {"expires_in_days": 1}),
    Row("GET /api/templates", _any_member_looks()),
    Row("POST /api/templates", _any_member_does(201), {"name": "n", "prompt": "p"}),
    Row("PATCH /api/templates/{template}", _owner_changes(), {"name": "m"}),
    Row("DELETE /api/templates/{template}", _owner_changes(204)),
    Row("DELETE /api/batches/{batch}/links/{link}", _owner_changes(204)),
    Row("POST /api/shared/open", (*_anybody()[:9], 404), {"token": "{token}"}),
    Row("GET /api/shared/batches/{batch}", _BY_LINK),
    Row("GET /api/shared/batches/{batch}/items", _BY_LINK),
    Row("GET /api/shared/batches/{batch}/archive", _BY_LINK),
    # admins
    Row("GET /api/budgets", _admins()),
    Row("PUT /api/budgets/{person}", _admins(), {"monthly_micros": 10**9}, rule="/api/budgets/<payer>"),
    Row("GET /api/ledger/check", _admins()),
    Row("GET /api/users", _admins()),
    Row("POST /api/users", _admins(201), _PERSON),
    Row("PATCH /api/users/{person}", _admins(), {"name": "n"}),
    Row("DELETE /api/users/{person}", _admins(204)),
    Row("POST /api/users/{person}/reset", _admins(201)),
    Row("POST /api/users/{person}/sign-out", _admins(204)),
    Row("GET /api/invitations", _admins()),
    Row("POST /api/invitations", _admins(201), {"role": "member"}),
    Row("DELETE /api/invitations/{invitation}", _admins(204)),
    Row("GET /api/audit", _admins()),
    Row("GET /api/providers/health", _admins()),
    Row("GET /api/queue", _admins()),
    Row("GET /metrics", _admins()),
]
