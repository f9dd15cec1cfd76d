"""Every key in Redis but Celery's and Flask-Limiter's (`LIMITS:`). The only place that knows
one; the scripts' key builders are made from the same table."""

_TEMPLATES = {
    "item": "bg:i:%s:%s",  # hash: one item of a batch, by index
    "batch": "bg:b:%s",  # hash: settings, flags, counters, money
    "states": "bg:s:%s",  # string: one letter per item, for pages by state
    "reviews": "bg:v:%s",  # string: one letter per item, where a person has decided on one
    "ready": "bg:r:%s:%s",  # zset by index: items of a batch that may run in a lane
    "lanes": "bg:lanes",  # set: lanes (provider/model) that ever had work
    "ring": "bg:q:%s",  # zset by virtual time: owners with work in a lane
    "back": "bg:k:%s",  # zset by index: items of a batch that wait for the approval of its sample
    "duel": "bg:d:%s",  # hash: batches that make the same sample, and which of them was chosen
    "duels": "bg:idemd:%s:%s",  # string: duel and hash of the body of a keyed submit
    "turns": "bg:q:%s:%s",  # zset by virtual time: an owner's batches with work in a lane
    "passes": "bg:passes",  # hash: owner -> virtual time
    "vtime": "bg:vtime",  # string: virtual time of the last dispatch
    "waiting": "bg:w",  # zset by retry_at (ms): item ids between attempts
    "lines": "bg:lines",  # set: lines (a lane and a key of its provider) that ever had work
    "leases": "bg:l:%s",  # zset by expiry (ms): item ids that run in a line
    "rate": "bg:rate:%s",  # zset by time (ms): starts in a line within the window of its limit
    "pace": "bg:pace:%s",  # hash: what a lane has been through: see _pace.lua
    "rests": "bg:rests:%s",  # hash: key id -> until (ms) and why, of a provider's keys that rest
    "speed": "bg:speed",  # hash: lane -> smoothed milliseconds per picture
    "stopping": "bg:stopping",  # set: cancelled batches of which some items still stand
    "workers": "bg:workers",  # zset by last heartbeat (ms): live workers
    "slots": "bg:slots",  # hash: worker -> slots
    "expiring": "bg:expiring",  # set: batches whose pictures were given up, and may still have files
    "retained": "bg:retained",  # string: somebody looked lately for what is too old
    "swept": "bg:swept",  # string: time (ms) of the last sweep
    "jobs": "bg:jobs",  # zset by when it is due (ms): jobs of providers' batch APIs that have not ended
    "job": "bg:j:%s",  # hash: one job, `<batch>.<number>`; an item that it holds has its id as token
    "events": "bg:e:%s",  # stream of an owner's changes
    "open": "bg:open:%s",  # hash: batch -> how many of its items are not final, of an owner
    "outbox": "bg:out",  # zset by due time (ms): finishes (batch:n) and deliveries (batch:n:target) to send
    "notice": "bg:o:%s:%s",  # hash: one finish of a batch: its facts, and each delivery's outcome
    "notices": "bg:n:%s",  # hash: an owner's targets, and whether they are the default
    "noticetests": "bg:nt:%s",  # string: how many test notices an owner sent lately
    "batches": "bg:bs:%s",  # zset by creation (ms): an owner's batches
    "everyone": "bg:all",  # zset by creation (ms): the batches of all owners
    "team": "bg:team",  # zset by creation (ms): batches that their owners share with the team
    "bin": "bg:bin",  # zset by the time (ms) of its deletion: hidden batches, which come back if somebody wants them
    "made": "bg:made",  # hash: owner -> bytes of all pictures made
    "link": "bg:link:%s",  # string: batch and id of the link whose token has this SHA-256; expires with the link
    "template": "bg:t:%s",  # hash: a prompt that somebody keeps
    "templates": "bg:ts:%s",  # zset by creation (ms): an owner's templates
    "teamtemplates": "bg:tt",  # zset by creation (ms): templates that are shared with the team
    "shows": "bg:sh:%s",  # set: batches that were ever shared with the team and show this upload
    "heard": "bg:heard:%s",  # string, by a hash of act, target and address: it was written down lately
    "audit": "bg:audit",  # stream: who did what to whom from where
    "idempotency": "bg:idem:%s:%s",  # string: batch and hash of the body of a keyed submit
    "upload": "bg:u:%s",  # hash: one upload
    "uploads": "bg:us:%s",  # hash: an owner's sha256 -> upload id
    "used": "bg:used",  # hash: owner -> bytes of all uploads
    "streams": "bg:streams:%s",  # zset by expiry (ms): the event streams that a user has open
    "viewers": "bg:viewers",  # zset by expiry (ms): all open event streams
    "metrics": "bg:metrics",  # hash: sample -> sum, of all processes
    "spent": "bg:spent",  # hash: provider -> settled micro-USD
    "account": "bg:account:%s",  # hash: one person: names, role, password's hash; `epoch` ends their sessions
    "accounts": "bg:accounts",  # zset by creation (ms): account ids
    "usernames": "bg:usernames",  # hash: folded username -> account id
    "subjects": "bg:subjects",  # hash: issuer and subject of OpenID Connect -> account id
    "admins": "bg:admins",  # set: admins who are not disabled
    "session": "bg:session:%s",  # hash, by the SHA-256 of its id: one login
    "token": "bg:token:%s",  # hash, by its SHA-256: one personal token
    "tokens": "bg:tokens:%s",  # hash: an account's token id -> SHA-256
    "invitation": "bg:invitation:%s",  # hash, by the SHA-256 of its token
    "invitations": "bg:invitations",  # hash: invitation id -> SHA-256
    "reset": "bg:reset:%s",  # hash, by the SHA-256 of its token: whose password may be set
    "oidclogin": "bg:oidc:%s",  # string, by the SHA-256 of its state: a login that has left for the provider
    "models": "bg:models",  # hash: lane -> json, whether the model is still there
    "probed": "bg:probed",  # hash: when models were last probed (ms), with which configuration
    "bloblock": "bg:bloblock:%s",  # string: who is alone with these bytes
    "month": "bg:month:%s:%s",  # hash held, settled, unclear: of a payer (a user, or @team for all) in a month
    "budgets": "bg:budgets",  # hash: payer -> micro-USD a month, where an admin has set it
    "payers": "bg:payers",  # hash: user -> name, of all who ever submitted
    "ledger": "bg:ledger",  # stream: every charge; never trimmed
    "spend": "bg:spend:%s",  # hash: `day|s or p or n|lane|user` -> settled, possibly paid, calls, of a month
    "blob": "bg:blob:%s",  # string: how many uploads stand on these bytes
}


def key(name: str, *parts: object) -> str:
    """The key `name` for `parts`. Raises KeyError or TypeError on a wrong use."""
    return _TEMPLATES[name] % parts


ECONOMY = "+batch"  # on a lane's provider: items that wait for a job, which no limit of calls lets start


def lane(provider: str, model: str, *, economy: bool = False) -> str:
    """The queue that an item stands in: limits hold per provider and model."""
    return f"{provider}{ECONOMY if economy else ''}/{model}"


def is_economy(lane: str) -> bool:
    return lane.partition("/")[0].endswith(ECONOMY)


def provider_of(lane: str) -> str:
    """The provider whose models and keys a lane is of, whichever way it goes there."""
    return lane.partition("/")[0].removesuffix(ECONOMY)


def normal_lane(lane: str) -> str:
    """The lane of single calls beside an economy lane."""
    return lane.replace(f"{ECONOMY}/", "/")


def line(lane: str, key_id: str) -> str:
    """Where an item runs: limits hold per provider, model and key."""
    return f"{lane}|{key_id}"


def lua_builders() -> str:
    """The same table as Lua functions: `K.item(batch, n)`."""
    lines = [
        f"K['{name}'] = function(...) return string.format('{form}', ...) end" for name, form in _TEMPLATES.items()
    ]
    return "\n".join(["local K = {}", *lines])
