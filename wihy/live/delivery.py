"""Handing out facts: from the database to the sockets of this process, in their order, each once.

Who tells a fact wakes the processes that hold sockets, and they read it. So nothing hangs on a message that may get
lost: what nobody was woken for (a command in another process, a Redis that was away) is found at the next look.
"""

import logging
import time
from collections.abc import Callable, Collection, Iterable
from threading import Condition, Thread
from typing import Any, NamedTuple

import socketio
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from wihy.live.history import last_sequences, told_between

logger = logging.getLogger(__name__)

JOINED, RELOAD = "live:joined", "live:reload"
ALONE_SECONDS = 1.0
WOKEN_SECONDS = 10.0  # where Redis wakes us
AFTER_FAILURE_SECONDS = 1.0


class Arrival(NamedTuple):
    """A socket that is to join `room`; `since` is the last sequence it has heard there, None for a first visit."""

    sid: str
    room: str
    since: object


class Delivery:
    """One thread, as long as there are sockets, knows how far each room of this process has heard."""

    def __init__(
        self, app: Flask, server: socketio.Server, is_needed: Callable[[], bool], look_every_seconds: float
    ) -> None:
        self._app = app
        self._server = server
        self._is_needed = is_needed
        self._pause = look_every_seconds
        self._changed = Condition()
        self._expected: dict[str, Arrival] = {}
        self._arrived: list[Arrival] = []
        self._woken: set[str] = set()
        self._thread: Thread | None = None
        self._heard: dict[str, int] = {}
        _call_when_connected(server.manager, self._arrive)

    def expect(self, arrival: Arrival) -> None:
        """Let the socket into its room as soon as it is told that it is connected."""
        self._expected[arrival.sid] = arrival

    def wake(self, rooms: Iterable[str]) -> None:
        """Look at once what these rooms were told; never waits."""
        with self._changed:
            if self._thread is not None:
                self._woken.update(rooms)
                self._changed.notify()

    def _arrive(self, sid: str) -> None:
        arrival = self._expected.pop(sid, None)
        if arrival is None:
            return
        with self._changed:
            self._arrived.append(arrival)
            self._changed.notify()
            if self._thread is None:
                self._thread = Thread(target=self._run, name="live delivery", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        looked_at = time.monotonic()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._woken or self._arrived, timeout=self._pause)
                if not self._arrived and not self._is_needed():
                    self._thread = None
                    self._woken.clear()
                    return
                woken, self._woken = self._woken, set()
            is_time = time.monotonic() - looked_at >= self._pause
            if self._do(None if is_time else woken) and is_time:
                looked_at = time.monotonic()

    def _do(self, woken: set[str] | None) -> bool:
        """Hand out what `woken` rooms (None: all) were told, let in who arrived; false if that must be tried again."""
        try:
            with self._app.app_context():
                self._leave_empty_rooms()
                self._hand_out(self._heard.keys() if woken is None else woken & self._heard.keys())
                self._let_in()
        except Exception as error:  # whatever it was: without this thread all would fall silent
            logger.warning(
                "facts must wait: %s", type(error).__name__, exc_info=not isinstance(error, SQLAlchemyError)
            )
            time.sleep(AFTER_FAILURE_SECONDS)
            with self._changed:
                self._woken |= self._heard.keys()
            return False
        return True

    def _leave_empty_rooms(self) -> None:
        for room in [room for room in self._heard if not self._has_listeners(room)]:
            del self._heard[room]

    def _hand_out(self, rooms: Collection[str]) -> None:
        if rooms:
            for room, last in last_sequences(list(rooms)).items():
                if last != self._heard[room]:
                    self._say_again(room, room, self._heard[room], last)
                    self._heard[room] = last

    def _let_in(self) -> None:
        with self._changed:
            arrived = list(self._arrived)
        for arrival in arrived:
            if self._server.manager.is_connected(arrival.sid, "/"):
                self._welcome(arrival)
            with self._changed:
                self._arrived.remove(arrival)

    def _welcome(self, arrival: Arrival) -> None:
        """Tell what the socket missed up to where the others in its room are, and let it hear with them from there."""
        room = arrival.room
        if room not in self._heard:
            self._heard |= last_sequences([room])
        elif type(arrival.since) is int and arrival.since > self._heard[room]:
            self._hand_out([room])  # they come from where it was known earlier
        here = self._heard[room]
        if arrival.since is not None:
            self._say_again(arrival.sid, room, arrival.since, here)
        self._emit(arrival.sid, JOINED, {"room": room, "sequence": here})
        self._server.enter_room(arrival.sid, room)

    def _say_again(self, to: str, room: str, since: object, until: int) -> None:
        told = told_between(room, since, until) if type(since) is int else None
        if told is None:
            self._emit(to, RELOAD, {"room": room})
            return
        for fact in told:
            self._emit(to, fact.event, fact.payload, {"room": room, "sequence": fact.sequence})

    def _emit(self, to: str, event: str, *values: Any) -> None:
        # by the manager of this process alone: the others read for themselves
        socketio.Manager.emit(self._server.manager, event, values, "/", room=to)

    def _has_listeners(self, room: str) -> bool:
        return any(True for _ in self._server.manager.get_participants("/", room))


def _call_when_connected(manager: socketio.Manager, arrive: Callable[[str], None]) -> None:
    """Have `arrive` called once a socket may be spoken to; before that, some clients drop what they hear."""
    connect = manager.connect

    def connected(sid: str, namespace: str) -> str:
        found: str = connect(sid, namespace)
        arrive(found)
        return found

    manager.connect = connected
