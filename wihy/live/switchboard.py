"""The processes joined by Redis: each may speak to the sockets of all, and have sockets closed that others hold."""

import json
import logging
from collections.abc import Callable, Collection, Iterator
from threading import Thread

import socketio

from wihy.live.library_logs import logger_of

logger = logging.getLogger(__name__)

CHANNEL = "wihy"
CALL = "wihy:close"
BEGIN_OF_CALL = f'{{"{CALL}"'.encode()  # Socket.IO's begin with their method
CONNECT_SECONDS = 2
ANSWER_SECONDS = 5

Close = Callable[[Collection[str]], None]


class Switchboard(socketio.RedisManager):  # type: ignore[misc]
    """Socket.IO's own messages through Redis, and beside them one of ours: close the sockets with these passes.

    Without `close` it only speaks: the process holds no sockets, and no thread waits for messages.
    """

    def __init__(self, redis_url: str, close: Close | None = None) -> None:
        options = {"socket_connect_timeout": CONNECT_SECONDS}
        if close is None:  # who listens waits as long as nothing is said
            options["socket_timeout"] = ANSWER_SECONDS
        super().__init__(
            redis_url,
            channel=CHANNEL,
            write_only=close is None,
            logger=logger_of("socketio"),
            redis_options=options,
        )
        self._close = close

    def close_elsewhere(self, passes: Collection[str]) -> None:
        """Have all other processes close the sockets with `passes`; without Redis their caretakers do, later.

        A thread says so: a Redis that hangs must not hold up who asks. A command that ends waits for it.
        """
        call = {CALL: sorted(passes), "host_id": self.host_id}
        Thread(target=self._publish, args=(call,), name="close sockets elsewhere").start()

    def _listen(self) -> Iterator[bytes]:
        for message in super()._listen():
            if message.startswith(BEGIN_OF_CALL):
                self._take(message)
            else:
                yield message

    def _take(self, message: bytes) -> None:
        try:
            call = json.loads(message)
            if self._close is not None and call["host_id"] != self.host_id:
                self._close(call[CALL])
        except (ValueError, KeyError, TypeError) as error:
            logger.warning("a message through Redis cannot be read: %s", type(error).__name__)
