"""The cookies that this service sets: read by scripts never, sent over https only where there is https."""

from urllib.parse import urlsplit

from flask import Response, request

from batchgen.domain.sharing import MAX_LINK_DAYS

_DAY_S = 24 * 3600
_YEAR_S, _LOGIN_S = 365 * _DAY_S, 600
_MOST_LINKS = 8  # open at once; the oldest falls out


class Cookies:
    """`base_url`: where people reach us. A cookie does not know ports, so its name has to: two copies on one machine
    would end each other's sessions. `session_s`: the longest that a session lives."""

    def __init__(self, base_url: str, session_s: int) -> None:
        url = urlsplit(base_url)
        self._secure = url.scheme == "https"
        self._session_s = session_s
        mark = "" if self._secure else f"_{url.port or 80}"
        front = "__Host-" if self._secure else ""  # a sibling domain cannot set such a one
        self.session, self.device, self.login, self.links = (
            f"{front}batchgen_{name}{mark}" for name in ("session", "device", "login", "links")
        )

    def get_session(self) -> str:
        return request.cookies.get(self.session, "")

    def get_device(self) -> str:
        return request.cookies.get(self.device, "")

    def get_login(self) -> str:
        """Which login with a provider this browser began."""
        return request.cookies.get(self.login, "")

    def get_links(self) -> list[str]:
        """Tokens of the links that this browser has opened, the last one first. Each request looks them up again: what
        was revoked opens nothing, whatever the browser still holds."""
        return request.cookies.get(self.links, "").split(".")[:_MOST_LINKS]

    def set_session(self, response: Response, value: str) -> None:
        self._set(response, self.session, value, self._session_s)

    def set_device(self, response: Response, value: str) -> None:
        self._set(response, self.device, value, _YEAR_S)

    def set_login(self, response: Response, value: str) -> None:
        self._set(response, self.login, value, _LOGIN_S)

    def add_link(self, response: Response, token: str) -> None:
        others = [one for one in self.get_links() if one not in ("", token)]
        self._set(response, self.links, ".".join([token, *others][:_MOST_LINKS]), MAX_LINK_DAYS * _DAY_S)

    def end(self, response: Response, name: str) -> None:
        response.delete_cookie(name, path="/", secure=self._secure, httponly=True, samesite="Lax")

    def _set(self, response: Response, name: str, value: str, age_s: int) -> None:
        response.set_cookie(name, value, max_age=age_s, path="/", secure=self._secure, httponly=True, samesite="Lax")
