"""A small world of stores for tests: owners submit, one worker with slots, time given by the test."""

from zoneinfo import ZoneInfo

from batchgen.domain.budgets import Caps, Terms
from batchgen.domain.economy import Agreement
from batchgen.domain.failures import Charged
from batchgen.domain.ids import new_id
from batchgen.domain.models import BatchDraft, ItemDraft, User
from batchgen.domain.pace import Breaker, Room
from batchgen.domain.prices import Made
from batchgen.domain.states import ItemState
from batchgen.store.batches import Batches
from batchgen.store.books import Books
from batchgen.store.budgets import Budgets
from batchgen.store.connection import Client
from batchgen.store.items import Items
from batchgen.store.jobs import Held, Jobs
from batchgen.store.keys import key
from batchgen.store.ledger import Ledger
from batchgen.store.queue import Lease, Queue
from batchgen.store.uploads import Uploads

LEASE_MS = 15_000
ECONOMY = "demo+batch/m"
BREAKER = Breaker(3, 10, 40)
SHANGHAI = ZoneInfo("Asia/Shanghai")
TERMS = Terms(Caps(), SHANGHAI)
LIMITS = {"demo": Room(1000), "slow": Room(4), "rated": Room(1000, 10)}


class World:
    def __init__(
        self, redis: Client, slots: int = 1000, limits: dict[str, Room] = LIMITS, breaker: Breaker = BREAKER,
        terms: Terms = TERMS,
    ) -> None:  # fmt: skip
        self.redis, self.now = redis, 1_800_000_000_000
        self.items, self.uploads = Items(redis, terms), Uploads(redis)
        self.batches = Batches(redis, self.items, self.uploads, terms)
        self.ledger, self.budgets = Ledger(redis), Budgets(redis, terms)
        self.books = Books(redis, self.ledger, terms)
        self.queue = Queue(redis, limits, LEASE_MS, breaker)
        self.jobs = Jobs(redis, LEASE_MS)
        self.set_slots(slots)

    def set_slots(self, slots: int) -> None:
        self.redis.hset(key("slots"), "w1", slots)
        self.redis.zadd(key("workers"), {"w1": self.now + 10**12})

    def submit(
        self, count: int, owner: str = "ann", provider: str = "demo", price: int = 100, notify: str = "none",
        needed_in_ms: int = 0,
    ) -> str:  # fmt: skip
        agreed = Agreement(self.now + needed_in_ms, True, 2 * price, price) if needed_in_ms else None
        hold = agreed.hold_micros if agreed else price
        draft = BatchDraft(
            name="n", prompt="p", provider=provider, model="m", price_micros=hold, notify=notify, economy=agreed,
            items=tuple(ItemDraft(f"{i}.png", "p") for i in range(count)),
        )  # fmt: skip
        return self.batches.create(new_id("b"), User(owner, owner), draft, now_ms=self.now)[0]

    def lease(self, at_most: int = 64) -> list[Lease]:
        return self.queue.lease(at_most, now_ms=self.now)

    def begin(self, batch: str, at_most: int = 64) -> str | None:
        return self.jobs.begin(batch, ECONOMY, "-", at_most, now_ms=self.now)

    def claim(self) -> Held:
        held = self.jobs.claim(self.now)
        assert held is not None
        return held

    def send(self, lease: Lease) -> int:
        return self.items.send(*lease, now_ms=self.now)

    def succeed(self, lease: Lease, made: Made | None = None) -> ItemState | None:
        fields: dict[str, str | int] = {"format": "png", "width": 1, "height": 1, "bytes": 1}
        return self.items.settle(
            lease.item_id, lease.token, ItemState.SUCCEEDED, fields=fields, outcome="succeeded", charged=Charged.YES,
            made=made, now_ms=self.now,
        )  # fmt: skip

    def settle(self, lease: Lease, to: ItemState, delay_ms: int = 0, charged: Charged = Charged.NO) -> ItemState | None:
        return self.items.settle(
            lease.item_id, lease.token, to, fields={"error": "timeout"}, delay_ms=delay_ms, outcome="timeout",
            charged=charged, now_ms=self.now,
        )  # fmt: skip

    def mark(self, lease: Lease, attempt: int = 1, marked: str = "") -> ItemState | None:
        """It ends with a blank picture, which is kept and marked."""
        fields: dict[str, str | int] = {
            "format": "png", "width": 1, "height": 1, "bytes": 1, "error": "bad_output_blank", "flags": "blank",
            "marked": f"{marked} {attempt}.png".strip(),
        }  # fmt: skip
        return self.items.settle(
            lease.item_id, lease.token, ItemState.FAILED, fields=fields, outcome="bad_output_blank",
            charged=Charged.YES, now_ms=self.now,
        )  # fmt: skip

    def money(self, batch: str) -> tuple[int, int, int]:
        """Held, settled, possibly paid of a batch."""
        found = self.batches.get(batch)
        assert found is not None
        return found.held_micros, found.settled_micros, found.possibly_paid_micros

    def month(self, payer: str, month: str = "2027-01") -> tuple[int, ...]:
        return tuple(int(v or 0) for v in self.redis.hmget(key("month", payer, month), "held", "settled", "unclear"))

    def state(self, item_id: str) -> str:
        batch, _, n = item_id.rpartition("-")
        return str(self.redis.hget(key("item", batch, n), "state"))

    def counts(self, batch: str) -> dict[str, int]:
        found = self.batches.get(batch)
        assert found is not None
        return {state.value: n for state, n in found.counts.items() if n}


def capped(redis: Client, user: int | None = None, team: int | None = None, batch: int | None = None) -> World:
    return World(redis, terms=Terms(Caps(user, team, batch), SHANGHAI))
