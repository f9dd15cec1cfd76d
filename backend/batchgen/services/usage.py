"""How much room people's images and pictures take."""

from batchgen.domain.history import Usage
from batchgen.domain.models import User
from batchgen.store.uploads import Uploads


class UsageService:
    def __init__(self, uploads: Uploads) -> None:
        self._uploads = uploads

    def of(self, user: User) -> Usage:
        return Usage(*self._uploads.usage(user.id), *self._uploads.quota)
