"""A TCP relay on loopback that can be cut: what goes through it stands still, as behind a broken switch."""

import selectors
import socket
import threading
from typing import Self


class Relay:
    """From `.port` to `target`, a port on 127.0.0.1. While `cut`, no byte passes and no connection is refused."""

    def __init__(self, target: int) -> None:
        self._target, self._open, self._ends = target, threading.Event(), threading.Event()
        self._open.set()
        self._server = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = int(self._server.getsockname()[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._open.set()
        self._server.close()

    def cut(self) -> None:
        self._open.clear()

    def mend(self) -> None:
        self._open.set()

    def _accept(self) -> None:
        while not self._ends.is_set():
            try:
                near, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        self._open.wait()
        try:
            far = socket.create_connection(("127.0.0.1", self._target), 5)
        except OSError:
            near.close()
            return
        with near, far, selectors.DefaultSelector() as ready:
            ready.register(near, selectors.EVENT_READ, far)
            ready.register(far, selectors.EVENT_READ, near)
            while not self._ends.is_set():
                for one, _ in ready.select(1.0):
                    self._open.wait()
                    if not _pass(one.fileobj, one.data):  # type: ignore[arg-type]
                        return


def _pass(source: socket.socket, target: socket.socket) -> bool:
    try:
        data = source.recv(65536)
        target.settimeout(10)
        target.sendall(data)
    except OSError:
        return False
    return bool(data)
