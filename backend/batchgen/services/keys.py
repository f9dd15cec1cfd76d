"""How the providers' keys and models are doing, for those who look after them. No key is shown, only its end."""

from batchgen.domain.models import User
from batchgen.domain.pace import NO_KEY, KeyState, ProviderState
from batchgen.providers.registry import Registry
from batchgen.services.access import require_admin
from batchgen.store.queue import Queue


class KeyService:
    def __init__(self, registry: Registry, queue: Queue) -> None:
        self._registry, self._queue = registry, queue

    def states(self, user: User) -> list[ProviderState]:
        """Of every provider that can be used. Raises AppError: forbidden, state_unavailable."""
        require_admin(user)
        lanes = [lane.partition("/")[::2] for lane in self._queue.lanes()]
        found = []
        for info in self._registry.infos():
            if info.available:
                models = [model for provider, model in lanes if provider == info.id]
                holds = [(model, self._queue.hold(f"{info.id}/{model}")) for model in models]
                found.append(ProviderState(info.id, self._keys(info.id), tuple((m, h) for m, h in holds if h)))
        return found

    def _keys(self, provider: str) -> tuple[KeyState, ...]:
        tails = self._registry.key_tails(provider)
        rests = self._queue.key_rests(provider)
        return tuple(KeyState(tails.get(one, ""), rest) for one, rest in rests.items() if one not in NO_KEY)
