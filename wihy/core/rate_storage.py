"""Where rates are counted in Redis: as `limits` does it, but many hits in one question."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from limits.storage import RedisStorage
from redis.exceptions import NoScriptError
from redis.exceptions import TimeoutError as NoAnswer

from wihy.core.gathering import Gathering

SCHEME = "gathering"
LONGEST_WAIT_SECONDS = 2.0  # above what the connection itself allows; after it the counts are kept in memory


class Hit(NamedTuple):
    """A hit in a sliding window of `expiry` seconds, under the keys of the one before and the present one."""

    previous_key: str
    current_key: str
    limit: int
    expiry: int
    amount: int


class GatheringRedisStorage(RedisStorage):
    """Counts as its parent does, by the same script under the same keys (`gathering+redis://…`)."""

    STORAGE_SCHEME = [f"{SCHEME}+redis", f"{SCHEME}+rediss", f"{SCHEME}+unix"]  # noqa: RUF012 -- as declared above it

    def __init__(self, uri: str, **options: Any) -> None:
        super().__init__(uri.removeprefix(f"{SCHEME}+"), **options)
        self._hits = Gathering("rates", self._acquire)

    def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count `amount` under `key` unless that is more than `limit` in `expiry` seconds; returns whether it did."""
        previous = self.prefixed_key(self._previous_window_key(key))
        current = self.prefixed_key(self._current_window_key(key))
        hit = Hit(previous, current, limit, expiry, amount)
        try:
            return self._hits.answer(hit, LONGEST_WAIT_SECONDS)
        except (TimeoutError, RuntimeError):  # or no thread to ask
            raise NoAnswer("no answer in time") from None

    def _acquire(self, hits: Sequence[Hit]) -> list[bool]:
        try:
            return self._ask(hits)
        except NoScriptError:  # Redis started anew: none of them was counted
            self.storage.script_load(self.SCRIPT_ACQUIRE_SLIDING_WINDOW)
            return self._ask(hits)

    def _ask(self, hits: Sequence[Hit]) -> list[bool]:
        script = self.lua_acquire_sliding_window.sha
        with self.storage.pipeline(transaction=False) as pipeline:
            for hit in hits:
                pipeline.evalsha(script, 2, *hit)
            return [bool(answer) for answer in pipeline.execute()]
