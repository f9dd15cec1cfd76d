"""What people do while the storm rages: submit, steer, watch, hang up in the middle."""

import random
import socket
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.fakes.pictures import plain
from tests.stack import Stream
from tests.storm.world import World

_UNDECIDED = {408, 429, 500, 502, 503, 504, 507}  # whoever gets one of these asks again with the same key


class Watcher:
    """A reader of all changes that comes back after every cut with the id of the last one it saw."""

    def __init__(self, url: str) -> None:
        self.url, self.seen, self.resets = f"{url}/api/events", [], 0
        self.ids: list[str] = []
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    seen: list[tuple[str, int, str]]  # (item, version, state), as they came

    def stop(self) -> None:
        self._ends.set()
        self._thread.join(30)

    def _watch(self) -> None:
        last = "0-0"
        while not self._ends.is_set():
            try:
                stream = Stream(self.url, last_id=last)
            except requests.RequestException:
                time.sleep(0.3)
                continue
            while not self._ends.is_set() and (event := stream.take(3)):
                self._note(*event)
            last = stream.last_id
            with suppress(Exception):
                stream.close()

    def _note(self, entry: str, name: str, data: Any) -> None:
        if name == "reset":
            self.resets += 1
        if name == "item":
            self.ids.append(entry)
            self.seen.append((data["id"], data["version"], data["state"]))


class People:
    """`batches`: those that were accepted, with the words of their items."""

    def __init__(self, world: World, dice: random.Random) -> None:
        self.world, self.dice = world, dice
        self.batches: dict[str, list[str]] = {}
        self.twins: list[tuple[str, set[str]]] = []  # what ten submits of one key were told
        self.watchers = [Watcher(world.stack.url) for _ in range(2)]
        self._url, self._round = world.stack.url, 0

    def a_while(self, seconds: float) -> None:
        """All of it, in turns, for so long."""
        end = time.monotonic() + seconds
        deeds: list[tuple[Callable[[], None], int]] = [
            (self.submit, 4), (self.steer, 4), (self.hang_up_on_upload, 2), (self.hang_up_on_zip, 2),
            (self.hang_up_on_events, 1),
        ]  # fmt: skip
        while time.monotonic() < end:
            [(deed, _)] = self.dice.choices(deeds, [weight for _, weight in deeds])
            with suppress(requests.RequestException, OSError):
                deed()
            time.sleep(self.dice.uniform(0.2, 1.2))

    def submit(self) -> None:
        """Until it is answered; every third time ten at once, as of somebody who cannot wait."""
        self._round += 1
        words = [f"round {self._round} picture {n}" for n in range(self.dice.randint(5, 30))]
        upload = self._upload() if self.dice.random() < 0.5 else None
        own = {"upload_id": upload} if upload else {}
        body = {
            "prompt": "p", "provider": self.dice.choice(("gemini", "doubao")),
            "items": [{"prompt": word, **own} for word in words],
        }  # fmt: skip
        key = str(uuid.UUID(int=self.dice.getrandbits(128)))
        times = 10 if self._round % 3 == 0 else 1
        with ThreadPoolExecutor(times) as pool:
            told = {batch for batch in pool.map(lambda _: self._submit(body, key), range(times)) if batch}
        self.twins.append((key, told))
        for batch in told:
            self.batches[batch] = words

    def _submit(self, body: dict[str, Any], key: str) -> str | None:
        for _ in range(120):
            try:
                answer = requests.post(
                    f"{self._url}/api/batches", json=body, headers={"Idempotency-Key": key}, timeout=30
                )
            except requests.RequestException:
                time.sleep(0.5)
                continue
            if answer.status_code not in _UNDECIDED:
                assert answer.ok, answer.text
                return str(answer.json()["id"])
            time.sleep(0.5)
        raise AssertionError("a submit was never answered")

    def _upload(self) -> str | None:
        colour = "#" + "".join(self.dice.choices("0123456789abcdef", k=6))
        try:
            answer = requests.post(
                f"{self._url}/api/uploads", files={"file": ("a.jpg", plain(colour=colour))}, timeout=30
            )
        except requests.RequestException:
            return None
        return str(answer.json()["id"]) if answer.ok else None

    def steer(self) -> None:
        if not self.batches:
            return
        batch = self.dice.choice(list(self.batches))
        deed = self.dice.choices(("pause", "resume", "retry", "cancel"), (3, 5, 4, 1))[0]
        requests.post(f"{self._url}/api/batches/{batch}/{deed}", json={}, timeout=30)

    def hang_up_on_upload(self) -> None:
        data = plain(size=(640, 480), colour="navy")
        head = f'--b\r\nContent-Disposition: form-data; name="file"; filename="cut.jpg"\r\n\r\n'.encode()  # noqa: F541
        self._hang_up(
            b"POST /api/uploads HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=b\r\n"
            b"Content-Length: " + str(len(head) + len(data) + 8).encode() + b"\r\n\r\n" + head + data[: len(data) // 2]
        )

    def hang_up_on_zip(self) -> None:
        if self.batches:
            batch = self.dice.choice(list(self.batches))
            self._hang_up(f"GET /api/batches/{batch}/archive HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode(), read=2000)

    def hang_up_on_events(self) -> None:
        self._hang_up(b"GET /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", read=100)

    def _hang_up(self, request: bytes, read: int = 0) -> None:
        at = urlsplit(self._url)
        with socket.create_connection((str(at.hostname), int(at.port or 80)), 10) as wire:
            wire.sendall(request)
            if read:
                wire.recv(read)

    def go_on(self) -> None:
        """What was paused is resumed, so that everything can end."""
        for batch in self.batches:
            requests.post(f"{self._url}/api/batches/{batch}/resume", json={}, timeout=30)
