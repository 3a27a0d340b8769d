"""The live channel of a process that holds no sockets (`web`): what it has to say goes through Redis."""

from collections.abc import Collection
from itertools import product
from typing import Never

from flask import Flask

from wihy.core.access import allow, anyone
from wihy.core.errors import Unavailable
from wihy.live.doorkeeper import PATH
from wihy.live.switchboard import Switchboard


class Relay:
    """Speaks to the sockets that other processes hold, and refuses its own."""

    def __init__(self, app: Flask, redis_url: str) -> None:
        self._switchboard = Switchboard(redis_url)
        for path, is_websocket in product((PATH, f"{PATH}/"), (False, True)):
            app.add_url_rule(path, view_func=refuse_sockets, websocket=is_websocket)

    def send(self, event: str, payload: object, rooms: Collection[str]) -> None:
        """Send `event` to everyone in any of `rooms`."""
        self._switchboard.emit(event, () if payload is None else payload, room=list(rooms))

    def close(self, passes: Collection[str]) -> None:
        """Say goodbye to the sockets that were let in with any of `passes`."""
        self._switchboard.close_elsewhere(passes)

    def wake(self, rooms: Collection[str]) -> None:
        """Have the processes that hold sockets look what `rooms` were told."""
        self._switchboard.wake_elsewhere(rooms)


@allow(anyone)
def refuse_sockets() -> Never:
    """Say who holds them; only a proxy that is set up wrongly asks here."""
    raise Unavailable("The live process holds the sockets: have the proxy send /socket.io/ to it")
