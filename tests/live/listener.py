"""A Socket.IO client in a few lines: just enough Engine.IO to connect, listen and answer pings."""

import json
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection
from typing import Any

import simple_websocket

PATH = "/socket.io/?EIO=4&transport=websocket"

Message = tuple[str, Any]
Fact = tuple[str, Any, Any]


class Refused(Exception):
    """The server did not let us in; the text is its reason."""


class Listener:
    """A page that listens; `connect` says who it is."""

    def __init__(self, port: int, *, headers: dict[str, str] | None = None) -> None:
        self._websocket = simple_websocket.Client(f"ws://127.0.0.1:{port}{PATH}", headers=headers)

    def connect(self, **auth: object) -> None:
        """Join what `auth` opens; raises `Refused`. `missed` is what is said again, `position` where we are then."""
        self._websocket.send("40" + json.dumps(auth))
        answer = self._packet(5)
        if not answer.startswith("40"):
            raise Refused(json.loads(answer[2:])["message"])
        self.missed: list[Fact] = []
        while (fact := self.next_fact(15))[0] != "live:joined":
            self.missed.append(fact)
        self.position = fact[1]

    def next(self, seconds: float = 2) -> Message:
        """Return the next message; raises `TimeoutError`, or `ConnectionClosed` when the server said goodbye."""
        return self.next_fact(seconds)[:2]

    def next_fact(self, seconds: float = 10) -> Fact:
        """Return the next message and, where it is a fact, its place: the room and the sequence."""
        packet = self._packet(seconds)
        if packet in ("1", "41"):
            raise simple_websocket.ConnectionClosed
        event, payload, place, *_ = [*json.loads(packet.removeprefix("42")), None, None]
        return event, payload, place

    def all(self, seconds: float) -> list[Message]:
        """Return what comes within `seconds`."""
        deadline, messages = time.monotonic() + seconds, []
        while (left := deadline - time.monotonic()) > 0:
            try:
                messages.append(self.next(left))
            except TimeoutError:
                break
        return messages

    def is_closed(self, seconds: float = 3) -> bool:
        """Whether the server ends the connection within `seconds`."""
        try:
            while True:
                self.next(seconds)
        except simple_websocket.ConnectionClosed:
            return True
        except TimeoutError:
            return False

    def close(self) -> None:
        """Leave."""
        with suppress(simple_websocket.ConnectionClosed, OSError):
            self._websocket.close()

    def _packet(self, seconds: float) -> str:
        while True:
            packet = self._websocket.receive(timeout=seconds)
            if packet is None:
                raise TimeoutError
            if packet == "2":  # a ping
                self._websocket.send("3")
            elif not packet.startswith("0"):  # the opening words
                return str(packet)


def status_of_handshake(port: int, headers: dict[str, str] | None = None) -> int:
    """Return what the server answers to a WebSocket handshake: 101 lets in."""
    wanted = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
    }
    with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        connection.request("GET", PATH, headers=wanted | (headers or {}))
        return connection.getresponse().status


@contextmanager
def listening(port: int, *, headers: dict[str, str] | None = None, **auth: object) -> Iterator[Listener]:
    """Connect for the length of the block."""
    listener = Listener(port, headers=headers)
    try:
        listener.connect(**auth)
        yield listener
    finally:
        listener.close()
