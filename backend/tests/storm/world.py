"""What a storm rages over: Nginx, gunicorn, two workers, an append-only Redis and two providers, all real processes or
servers on loopback, with the files on a small disk of their own."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from batchgen.store.connection import connect
from tests.conftest import BACKEND, UNHURRIED, RedisServer
from tests.fakes.calls import Call
from tests.fakes.doubao_server import DoubaoServer
from tests.fakes.gemini_server import GeminiServer
from tests.fakes.wire import FakeServer
from tests.proxy import Proxy
from tests.stack import KEYS, Stack
from tests.storm.relay import Relay

DISK_MB = 192
_CLOCK = BACKEND / "tests" / "storm" / "clock"
_ANSWERS = {  # behaviour -> weight; what providers do on a bad day
    GeminiServer: {"ok": 60, "rate_minute": 3, "overloaded": 4, "internal": 4, "reset": 4, "truncated": 4, "hang": 1,
                   "drip": 2, "garbage": 3, "html_200": 3, "html_503": 4, "array": 2},
    DoubaoServer: {"ok": 60, "rate_rpm": 3, "overloaded": 4, "internal": 4, "reset": 4, "truncated": 4, "hang": 1,
                   "drip": 2, "garbage": 3, "nonsense": 3, "html_502": 4, "close": 3},
}  # fmt: skip
PAID = {"ok", "truncated", "drip"}  # the picture was made, whatever became of the answer


class StormStack(Stack):
    """Workers reach Redis through a relay and have a clock of their own; people come through Nginx."""

    def __init__(self, folder: Path, redis: RedisServer, relay: Relay, **env: object) -> None:
        super().__init__(folder, redis, **env)
        self.clock = folder / "clock"
        self.clock.write_text("0")
        self._of_workers = self._env | {
            "REDIS_URL": f"redis://127.0.0.1:{relay.port}/0", "CLOCK_FILE": str(self.clock),
            "PYTHONPATH": os.pathsep.join([str(_CLOCK), *filter(None, [self._env.get("PYTHONPATH")])]),
        }  # fmt: skip

    def enter_by(self, url: str) -> None:
        """People come this way from now on."""
        self.url = url

    def _answers(self) -> bool:
        """Asked of the web process itself."""
        way, self.url = self.url, f"http://127.0.0.1:{self.port}"
        try:
            return super()._answers()
        finally:
            self.url = way

    def _spawn(self, name: str, *args: str, **env: object) -> subprocess.Popen[bytes]:
        own = self._env
        if name.startswith("worker"):
            self._env = self._of_workers
        try:
            return super()._spawn(f"{name}-{time.monotonic_ns()}", *args, **env)
        finally:
            self._env = own


class World:
    """`lost`: how many of the last writes a cut append file took with it: so much may have happened unrecorded."""

    def __init__(self, folder: Path, dice: random.Random, open_: ExitStack) -> None:
        self.folder, self.dice, self.lost = folder, dice, 0
        self.disk = _small_disk(folder / "disk", open_)
        self.redis = RedisServer(folder / "redis")
        self.redis.start()
        open_.callback(self.redis.stop)
        self.relay = open_.enter_context(Relay(self.redis.port))
        self.gemini = open_.enter_context(GeminiServer(keys=[KEYS["gemini"]], latency_s=0.4))
        self.doubao = open_.enter_context(DoubaoServer(keys=[KEYS["doubao"]], latency_s=0.3))
        self.stack = StormStack(
            folder, self.redis, self.relay, VAR_DIR=self.disk, TRUSTED_PROXIES=1, MIN_FREE_MB=8, LOW_FREE_MB=16,
            WORKER_CONCURRENCY=8,
            GEMINI_API_KEY=KEYS["gemini"], GEMINI_BASE_URL=self.gemini.url, DOUBAO_API_KEY=KEYS["doubao"],
            DOUBAO_BASE_URL=self.doubao.base_url, PROVIDER_TIMEOUT_SECONDS=3, BREAKER_SECONDS=2,
            **UNHURRIED,
        )  # fmt: skip
        open_.callback(self.stack.stop)
        self.stack.start(workers=2)
        self.proxy = Proxy(folder / "nginx", f"127.0.0.1:{self.stack.port}", ANSWER_TIMEOUT="30s")
        self.proxy.__enter__()
        open_.callback(self._stop_proxy)
        self.stack.enter_by(self.proxy.url)

    @property
    def providers(self) -> list[FakeServer]:
        return [self.gemini, self.doubao]

    def bad_day(self) -> None:
        """From now on the providers answer as the dice say."""
        for fake in self.providers:
            fake.plan = _moody(random.Random(self.dice.random()), _ANSWERS[type(fake)])

    def good_day(self) -> None:
        for fake in self.providers:
            fake.plan = ()

    # blows

    def kill_worker(self, sig: signal.Signals) -> None:
        self.stack.kill_worker(sig)
        self._pause(0.5, 3)
        self.stack.start_worker()

    def kill_web(self) -> None:
        self.stack.kill_web()
        self._pause(0.2, 1)
        self.stack.start_web()

    def stop_redis(self, *, kill: bool, cut_bytes: int = 0) -> None:
        self.redis.stop(kill=kill)
        if cut_bytes:
            [file] = (self.redis.folder / "appendonlydir").glob("*.incr.aof")
            with file.open("r+b") as log:
                log.truncate(max(0, file.stat().st_size - cut_bytes))
            self.lost += 1
        self._pause(0.2, 2)
        self.redis.start()

    def freeze_redis(self, seconds: float) -> None:
        with self.redis.frozen():
            time.sleep(seconds)

    def starve_redis(self, seconds: float) -> None:
        """No memory for any write."""
        client = connect(self.redis.url)
        with suppress(Exception):
            client.config_set("maxmemory", "1mb")
            time.sleep(seconds)
        client.config_set("maxmemory", "0")
        client.close()

    def cut_network(self, seconds: float) -> None:
        self.relay.cut()
        time.sleep(seconds)
        self.relay.mend()

    def fill_disk(self, seconds: float) -> None:
        filler = self.disk / "filler"
        try:
            with filler.open("wb", buffering=0) as out:
                while out.write(bytes(1024 * 1024)):
                    pass
        except OSError:
            pass  # it is full, which is what was wanted
        time.sleep(seconds)
        filler.unlink()

    def restart_nginx(self) -> None:
        self._stop_proxy()
        self._pause(0.2, 1)
        self.proxy.__enter__()

    def shift_clock(self) -> None:
        self.stack.clock.write_text(str(self.dice.choice((-86400, -3600, 3600, 86400))))

    def calm(self) -> None:
        """Everything runs again, and the providers are well."""
        self.good_day()
        self.stack.clock.write_text("0")
        self.relay.mend()

    def _stop_proxy(self) -> None:
        with suppress(ProcessLookupError):
            self.proxy.__exit__()

    def _pause(self, low: float, high: float) -> None:
        time.sleep(self.dice.uniform(low, high))


def _moody(dice: random.Random, weights: dict[str, int]) -> Any:
    names, shares = list(weights), list(weights.values())

    def plan(_call: Call) -> str:
        return dice.choices(names, shares)[0]

    return plan


def _small_disk(folder: Path, open_: ExitStack) -> Path:
    """A disk that can be filled. Raises RuntimeError where this user may not mount one."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"a storm needs a small disk of its own, and mount says: {done.stderr.strip()}")
    open_.callback(subprocess.run, ["umount", "-l", str(folder)], check=False)
    return folder


@contextmanager
def world(folder: Path, dice: random.Random) -> Iterator[World]:
    folder.mkdir(parents=True)
    with ExitStack() as open_:
        yield World(folder, dice, open_)
