"""Who is connected: every open socket holds threads, so they are counted, limited and, where dead, cut off.

A visit begins with the WebSocket request and ends with it. One that has not said who it is within ten seconds, or that
the channel has given up (no answer to pings), is cut off at the next look.
"""

import socket
import struct
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any
from uuid import UUID

from prometheus_client import Gauge

from wihy.monitoring.service import REGISTRY

PATH = "/socket.io"
MOST_FOR_ONE = 20
UNKNOWN_FOR_ONE = 5
SECONDS_TO_ENTER = 10
UNANSWERED_MILLISECONDS = 30_000
FOREVER = struct.pack("ll", 0, 0)  # a `struct timeval`
REFUSAL = b"Too many open connections"
CONNECTIONS = Gauge(
    "wihy_live_connections",
    "Open connections of the live channel.",
    multiprocess_mode="livesum",
    registry=REGISTRY,
)


@dataclass(eq=False, slots=True)
class Visit:
    """One open socket.

    `key` says whose it is, once that is known: a principal, or the address of a stranger. `let_in_by` is the pass that
    opened the door, for whom the door was not open to all: when the pass ends, so does the visit. Of who came by the
    token of a page, `page` is its id and the token's version, and `ends_at` when that expires.
    """

    environ: dict[str, Any]
    began: float = field(default_factory=time.monotonic)
    key: str | None = None
    sid: str | None = None
    session_id: UUID | None = None
    let_in_by: str | None = None
    page: tuple[str, int] | None = None
    ends_at: datetime | None = None

    @property
    def address(self) -> str:
        """The address of the peer."""
        return str(self.environ.get("REMOTE_ADDR"))

    def cut(self) -> None:
        """Cut the connection: its threads wake up and end."""
        connection = self._connection()
        if connection is not None:
            with suppress(OSError):  # the peer was quicker
                connection.shutdown(socket.SHUT_RDWR)

    def expect_answers(self) -> None:
        """Have the system give up a peer that stopped answering (a closed laptop), not one that has nothing to say."""
        connection = self._connection()
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, FOREVER)
        option = getattr(socket, "TCP_USER_TIMEOUT", None)
        if connection is not None and option is not None and connection.family != socket.AF_UNIX:
            connection.setsockopt(socket.IPPROTO_TCP, option, UNANSWERED_MILLISECONDS)

    def _connection(self) -> socket.socket | None:
        found: socket.socket | None = self.environ.get("gunicorn.socket") or self.environ.get(
            "werkzeug.socket"
        )
        return found


def session_pass(session_id: UUID) -> str:
    """Return the pass that a session is."""
    return f"session:{session_id}"


def page_pass(tracking_id: str) -> str:
    """Return the pass that the token of the page of `tracking_id` is."""
    return f"page:{tracking_id}"


class Doorkeeper:
    """Lets WebSocket requests through to `application`, at most `most` at a time."""

    def __init__(self, application: Callable[..., Any], most: int, on_arrival: Callable[[], None]) -> None:
        self._application = application
        self._most = most
        self._on_arrival = on_arrival
        self._visits: set[Visit] = set()
        self._lock = Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"].split("/", 2)[1:2] != [PATH[1:]]:
            return self._application(environ, start_response)  # type: ignore[no-any-return]
        visit = Visit(environ)
        if not self._admit(visit):
            start_response("503 Service Unavailable", [("Retry-After", "30"), ("Content-Type", "text/plain")])
            return [REFUSAL]
        environ["wihy.visit"] = visit
        try:
            visit.expect_answers()
            self._on_arrival()
            return self._application(environ, start_response)  # type: ignore[no-any-return]
        finally:
            with self._lock:
                self._visits.discard(visit)
                CONNECTIONS.dec()

    def visits(self) -> list[Visit]:
        """Return the open sockets."""
        with self._lock:
            return list(self._visits)

    def enter(self, visit: Visit, key: str) -> bool:
        """Write down whose `visit` is; false if `key` has too many."""
        with self._lock:
            if sum(other.key == key for other in self._visits) >= MOST_FOR_ONE:
                return False
            visit.key = key
            return True

    def cut_useless(self, known: Iterable[dict[str, Any]]) -> None:
        """Cut off visits that never said who they are, and those whose environment is no longer `known`."""
        # the middleware before the channel copies the environment: the visit in it is what stays the same
        living = {id(environ.get("wihy.visit")) for environ in known}
        for visit in self.visits():
            useless = visit.key is None or id(visit) not in living
            if useless and time.monotonic() - visit.began > SECONDS_TO_ENTER:
                visit.cut()

    def _admit(self, visit: Visit) -> bool:
        with self._lock:
            unknown = sum(other.key is None and other.address == visit.address for other in self._visits)
            if len(self._visits) >= self._most or unknown >= UNKNOWN_FOR_ONE:
                return False
            self._visits.add(visit)
            CONNECTIONS.inc()
            return True
