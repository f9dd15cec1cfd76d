"""How often something may fail: counted in Redis by `limits`, before the work that a guess would cost."""

import time
from typing import NamedTuple

from limits import RateLimitItemPerSecond
from limits.storage import RedisStorage
from limits.strategies import FixedWindowRateLimiter

from batchgen.store.connection import Client, told


class Rule(NamedTuple):
    """At most `times` within `seconds`."""

    name: str
    times: int
    seconds: int


class Throttle:
    def __init__(self, client: Client) -> None:
        storage = RedisStorage("redis://", connection_pool=client.connection_pool, key_prefix="bg:limit")
        self._limiter = FixedWindowRateLimiter(storage)

    def hit(self, rule: Rule, who: str) -> int:
        """Count one; 0: there is room, else the seconds until there is again."""
        with told():
            if self._limiter.hit(_item(rule), rule.name, who):
                return 0
            reset_at = self._limiter.get_window_stats(_item(rule), rule.name, who).reset_time
        return max(1, round(reset_at - time.time()))

    def give_back(self, rule: Rule, who: str) -> None:
        """It was no failure: one less."""
        with told():
            self._limiter.hit(_item(rule), rule.name, who, cost=-1)


def _item(rule: Rule) -> RateLimitItemPerSecond:
    return RateLimitItemPerSecond(rule.times, rule.seconds)
