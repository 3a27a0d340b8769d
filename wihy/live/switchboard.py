"""The processes joined by Redis: each speaks to the sockets of all, has others close some, wakes others for facts."""

import json
import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from threading import Thread

import socketio

from wihy.live.library_logs import logger_of
from wihy.live.merging import Merger

logger = logging.getLogger(__name__)

CHANNEL = "wihy"
CLOSE, WAKE = "wihy:close", "wihy:wake"
BEGIN_OF_CALL = b'{"wihy:'  # Socket.IO's begin with their method
CONNECT_SECONDS = 2
ANSWER_SECONDS = 5

Act = Callable[[Collection[str]], None]


class Switchboard(socketio.RedisManager):  # type: ignore[misc]
    """Socket.IO's own messages through Redis, and beside them ours, each with what is to be done about it.

    Without `acts` it only speaks: the process holds no sockets, and no thread waits for messages.
    """

    def __init__(self, redis_url: str, acts: Mapping[str, Act] | None = None) -> None:
        options = {"socket_connect_timeout": CONNECT_SECONDS}
        if acts is None:  # who listens waits as long as nothing is said
            options["socket_timeout"] = ANSWER_SECONDS
        super().__init__(
            redis_url,
            channel=CHANNEL,
            write_only=acts is None,
            logger=logger_of("socketio"),
            redis_options=options,
        )
        self._acts = acts or {}
        self._waker: Merger[frozenset[str]] = Merger(frozenset.union, lambda rooms: self._call(WAKE, rooms))

    def close_elsewhere(self, passes: Collection[str]) -> None:
        """Have all other processes close the sockets with `passes`; without Redis their caretakers do, later.

        A thread says so: a Redis that hangs must not hold up who asks. A command that ends waits for it.
        """
        Thread(target=self._call, args=(CLOSE, passes), name="close sockets elsewhere").start()

    def wake_elsewhere(self, rooms: Collection[str]) -> None:
        """Have all other processes look what `rooms` were told; without Redis they look later. Never waits."""
        self._waker.add(frozenset(rooms))

    def _call(self, name: str, values: Collection[str]) -> None:
        self._publish({name: sorted(values), "host_id": self.host_id})

    def _listen(self) -> Iterator[bytes]:
        for message in super()._listen():
            if message.startswith(BEGIN_OF_CALL):
                self._take(message)
            else:
                yield message

    def _take(self, message: bytes) -> None:
        try:
            call = json.loads(message)
            if call.pop("host_id") != self.host_id:
                for name, values in call.items():
                    self._acts[name](values)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            logger.warning("a message through Redis cannot be read: %s", type(error).__name__)
