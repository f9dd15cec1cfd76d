"""Devices that somebody has signed in from: others' failures do not lock them out (OWASP's device cookies)."""

import secrets

from itsdangerous import BadSignature, URLSafeTimedSerializer

_YEAR_S = 365 * 24 * 3600


class Devices:
    """`secret`: signs the cookies, so that nothing needs to be kept of them."""

    def __init__(self, secret: str) -> None:
        self._signer = URLSafeTimedSerializer(secret, salt="device")

    def cookie(self, account_id: str, before: str = "") -> str:
        """For the device that has just signed in; one that is known already stays the same device."""
        return str(self._signer.dumps([account_id, self.known(before, account_id) or secrets.token_urlsafe(16)]))

    def known(self, cookie: str, account_id: str) -> str:
        """Which device it is, or empty: not one of this account's."""
        try:
            found = self._signer.loads(cookie, max_age=_YEAR_S) if cookie else None
        except BadSignature:  # a late one too
            return ""
        return str(found[1]) if isinstance(found, list) and found[:1] == [account_id] and len(found) == 2 else ""
