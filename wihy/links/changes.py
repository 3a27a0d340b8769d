"""Which saved links changed lately, known to all processes through Redis.

So a change holds at once wherever a link is kept in memory. Without Redis only one process leads visitors on. While
Redis is away nobody waits for it, and other processes follow a change when what they remember is a minute old.
"""

import logging
import time
from hashlib import sha256
from secrets import token_hex
from typing import Any

from redis import Redis, RedisError

TIMEOUT_SECONDS = 0.5
QUIET_SECONDS = 5.0

logger = logging.getLogger(__name__)


class Changes:
    """The notes of an installation, which its `address` tells from others on the same Redis.

    A note stands for `kept_seconds`: for as long as anybody may remember what was before.
    """

    def __init__(self, redis_url: str | None, address: str, kept_seconds: int) -> None:
        self._redis: Any = redis_url and Redis.from_url(
            redis_url, socket_connect_timeout=TIMEOUT_SECONDS, socket_timeout=TIMEOUT_SECONDS
        )
        self._prefix = f"wihy:links:{sha256(address.encode()).hexdigest()[:12]}:"
        self._kept_seconds = kept_seconds
        self._quiet_until = 0.0

    def note(self, slug: str) -> None:
        """Tell all processes that the link `slug` is no longer what they may remember."""
        self._ask("set", self._prefix + slug, token_hex(8), ex=self._kept_seconds)

    def last_of(self, slug: str) -> object:
        """Return what names the last change of the link `slug`, None where there is none to know of."""
        return self._ask("get", self._prefix + slug)

    def _ask(self, command: str, *arguments: object, **options: object) -> object:
        if not self._redis or time.monotonic() < self._quiet_until:
            return None
        try:
            return getattr(self._redis, command)(*arguments, **options)
        except RedisError as error:
            self._quiet_until = time.monotonic() + QUIET_SECONDS
            logger.warning("changed links are noticed within a minute: %s", type(error).__name__)
            return None
