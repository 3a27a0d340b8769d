"""The live channel of a process that holds no sockets (`web`): what it has to say goes through Redis."""

from collections.abc import Collection

from flask import Flask, request

from wihy.core.errors import Unavailable
from wihy.live.doorkeeper import PATH
from wihy.live.switchboard import Switchboard


class Relay:
    """Speaks to the sockets that other processes hold, and refuses its own."""

    def __init__(self, app: Flask, redis_url: str) -> None:
        self._switchboard = Switchboard(redis_url)
        app.before_request(_refuse_sockets)

    def send(self, event: str, payload: object, rooms: Collection[str]) -> None:
        """Send `event` to everyone in any of `rooms`."""
        self._switchboard.emit(event, () if payload is None else payload, room=list(rooms))

    def close(self, passes: Collection[str]) -> None:
        """Say goodbye to the sockets that were let in with any of `passes`."""
        self._switchboard.close_elsewhere(passes)


def _refuse_sockets() -> None:
    if request.path.split("/", 2)[1] == PATH[1:]:
        raise Unavailable("The live process holds the sockets: have the proxy send /socket.io/ to it")
