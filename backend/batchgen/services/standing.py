"""The queue and its workers, for those who look after them."""

from batchgen.domain.models import User
from batchgen.domain.standing import Standing
from batchgen.services.access import require_admin
from batchgen.store.standing import Standings


class StandingService:
    def __init__(self, standings: Standings) -> None:
        self._standings = standings

    def look(self, user: User) -> Standing:
        """Raises AppError: forbidden, state_unavailable."""
        require_admin(user)
        return self._standings.read()
