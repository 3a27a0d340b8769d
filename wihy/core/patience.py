"""Connections that are given up when their server keeps silent: libpq itself would wait for a frozen one for ever."""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock, Thread, get_ident
from typing import NamedTuple

from sqlalchemy.engine import Connection

LOOK_EVERY_SECONDS = 0.25
IDLE_LOOKS = 20


class Errand(NamedTuple):
    """What a thread waits for, and until when (monotonic seconds)."""

    connection: Connection
    deadline: float


class Patience:
    """Looks after the threads of one process that wait for a server, by a thread of its own while there are any."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._errands: dict[int, Errand] = {}
        self._thread: Thread | None = None

    @contextmanager
    def within(self, seconds: float, connection: Connection) -> Iterator[None]:
        """Cut `connection` off if the block lasts longer: what waits for an answer then fails as by a lost server."""
        caller = get_ident()
        with self._guard:
            self._errands[caller] = Errand(connection, time.monotonic() + seconds)
            if self._thread is None or not self._thread.is_alive():  # a fork inherits no thread
                self._thread = Thread(target=self._look, name="patience", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._guard:
                del self._errands[caller]

    def _look(self) -> None:
        idle = 0
        while idle < IDLE_LOOKS:
            time.sleep(LOOK_EVERY_SECONDS)
            with self._guard:
                now = time.monotonic()
                idle = 0 if self._errands else idle + 1
                for errand in self._errands.values():
                    if now > errand.deadline:
                        _cut(errand.connection)
                if idle == IDLE_LOOKS:
                    self._thread = None


def _cut(connection: Connection) -> None:
    with suppress(Exception):  # it ended a moment ago
        descriptor = os.dup(connection.connection.driver_connection.fileno())  # type: ignore[union-attr]
        with socket.socket(fileno=descriptor) as peer:
            peer.shutdown(socket.SHUT_RDWR)
