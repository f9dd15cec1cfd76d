"""Budgets: what each payer may spend in a month, and what is gone of it. Scripts change the sums; these read them."""

from batchgen.domain.budgets import TEAM, Budget, Over, Sums, Terms
from batchgen.domain.models import User
from batchgen.store.connection import Client
from batchgen.store.keys import key

_ALL = "@team"  # no user's id has such a sign


class Budgets:
    def __init__(self, client: Client, terms: Terms) -> None:
        self._redis, self._terms = client, terms

    def set(self, payer: str, micros: int | None) -> None:
        """The cap of a user's id or TEAM, from now on; None: as the settings have it."""
        if micros is None:
            self._redis.hdel(key("budgets"), _stored(payer))
        else:
            self._redis.hset(key("budgets"), _stored(payer), micros)

    def of(self, user: User) -> Budget:
        return self._read({user.id: user.name})[0]

    def of_team(self) -> Budget:
        return self._read({_ALL: TEAM})[0]

    def every(self, people: dict[str, str]) -> list[Budget]:
        """The team's, then of `people` (id -> name) and of all users that ever submitted or have a cap of their own."""
        names = self.names() | people
        known = names | {payer: payer for payer in self._redis.hkeys(key("budgets")) if payer not in names}
        known.pop(_ALL, None)
        return self._read({_ALL: TEAM} | dict(sorted(known.items(), key=lambda pair: pair[1])))

    def caps(self, users: list[str]) -> dict[str, int | None]:
        """What each may spend in a month, micro-USD; None: no cap."""
        own = self._redis.hmget(key("budgets"), users) if users else []
        return {user: self._cap(user, cap) for user, cap in zip(users, own, strict=True)}

    def names(self) -> dict[str, str]:
        """User -> name, of all who ever submitted."""
        return dict(self._redis.hgetall(key("payers")))

    def over(self, user: User, asked: int) -> Over | None:
        """The cap that a submit of `asked` would pass as things stand; the submit itself decides."""
        caps = self._terms.caps
        if asked and caps.batch is not None and asked > caps.batch:
            return Over("batch", caps.batch, 0, 0, asked)
        for whose, budget in (("user", self.of(user)), ("team", self.of_team())):
            if asked and budget.left is not None and asked > budget.left:
                return Over(whose, budget.cap or 0, budget.sums.used, budget.sums.held, asked)  # type: ignore[arg-type]
        return None

    def _read(self, payers: dict[str, str]) -> list[Budget]:
        month = self._terms.month()
        pipe = self._redis.pipeline()
        pipe.hmget(key("budgets"), list(payers))
        for payer in payers:
            pipe.hmget(key("month", payer, month), Sums._fields)
        caps, *sums = pipe.execute()
        return [
            Budget(
                TEAM if payer == _ALL else payer, name, self._cap(payer, cap), cap is not None,
                Sums(*(int(value or 0) for value in row)),
            )
            for (payer, name), cap, row in zip(payers.items(), caps, sums, strict=True)
        ]  # fmt: skip

    def _cap(self, payer: str, own: str | None) -> int | None:
        if own is not None:
            return int(own)
        return self._terms.caps.team if payer == _ALL else self._terms.caps.user


def _stored(payer: str) -> str:
    return _ALL if payer == TEAM else payer
