"""Whether this container does its work, for Docker: `python health.py web|worker`. Exit status 0: it does.

Light on purpose, for it runs every few seconds: neither Flask nor Celery is loaded.
"""

import json
import os
import socket
import sys
import urllib.request

PATIENCE_S = 5.0


def web() -> bool:
    """It answers, and Redis and the storage answer it: a 503 raises."""
    address = f"http://127.0.0.1:{os.environ.get('PORT') or '5001'}/health"
    with urllib.request.urlopen(address, timeout=PATIENCE_S) as answer:
        return json.load(answer)["status"] in ("ok", "degraded")


def worker() -> bool:
    """It is registered with its slots: so it reads messages, and Redis hears it."""
    from batchgen.store.connection import connect
    from batchgen.store.keys import key
    from batchgen.store.queue import SILENCE_MS

    redis = connect(os.environ["REDIS_URL"], timeout_s=PATIENCE_S)
    seconds, _ = redis.time()
    alive = redis.zrangebyscore(key("workers"), seconds * 1000 - SILENCE_MS, "+inf")
    return any(str(name).startswith(f"{socket.gethostname()}:") for name in alive)


CHECKS = {"web": web, "worker": worker}

if __name__ == "__main__":
    try:
        well = CHECKS[sys.argv[1]]()
    except Exception as wrong:  # noqa: BLE001 - whatever it is, it is not well
        sys.exit(f"{type(wrong).__name__}: {sys.argv[1]} is not well")
    sys.exit(0 if well else 1)
