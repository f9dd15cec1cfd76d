"""Before anything starts: `.env`, the settings and the port. Prints shell exports, or one sentence and fails.

A variable of the environment wins over the same one in `.env`. Values, keys among them, go to the caller
through a pipe: no program is ever started with one in its arguments.
"""

import os
import shlex
import socket
import sys
from pathlib import Path

from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "backend"), str(ROOT)]

from batchgen.settings import SettingsError, load  # noqa: E402  the path comes first

GRACE_SECONDS = 20  # after the longest call a worker still saves and finishes its items


def main() -> int:
    read = dotenv_values(ROOT / ".env", interpolate=False)
    from_file = {name: value for name, value in read.items() if value and name not in os.environ}
    try:
        settings = load({**os.environ, **from_file})
    except SettingsError as wrong:
        return refuse(str(wrong))
    if "--no-port" not in sys.argv and not is_free(settings.host, settings.port):
        return refuse(
            f"Port {settings.port} is already in use; stop the program that uses it, "
            f"or choose another: make run PORT={settings.port + 1} VAR_DIR=var/{settings.port + 1}"
        )
    resolved = {
        "HOST": settings.host,
        "PORT": settings.port,
        "VAR_DIR": settings.var_dir,
        "REDIS_URL": settings.redis_url,
        "LOG_LEVEL": settings.log_level,
        "WORKER_CONCURRENCY": settings.worker_concurrency,
        "WEB_WORKERS": settings.web_workers,
        "WORKER_STOP_SECONDS": int(settings.provider_timeout_seconds) + GRACE_SECONDS,
    }
    for name, value in {**from_file, **resolved}.items():
        print(f"export {name}={shlex.quote(str(value))}")
    return 0


def is_free(host: str, port: int) -> bool:
    """Whether gunicorn will be able to bind: it reuses addresses in TIME_WAIT, so does this."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen()  # with SO_REUSEADDR only listening tells
        except OSError:
            return False
    return True


def refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
