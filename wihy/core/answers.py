"""Answers that are shared: who asks the same within a second gets the same, made once.

They lie in Redis where there is one, else in memory. The access check of the route always runs first. Nobody is given
an answer from before news that were known when it was asked for (captures of this process; of others, what was pushed
to open pages), so nothing on a screen is older than what the screen was told (docs/figures.md).
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256

import orjson
from flask import Flask, current_app
from redis import RedisError

from config import Settings
from wihy.core.answer_stores import InMemory, InRedis
from wihy.core.database import after_commit, end_reading, is_writing
from wihy.core.errors import Unavailable
from wihy.core.turns import OutOfPatience, Turns

PATIENCE_SECONDS = 30
QUIET_SECONDS = 5.0

logger = logging.getLogger(__name__)


def register(app: Flask, settings: Settings) -> None:
    """Let answers of `app` be shared."""
    app.extensions["answers"] = Answers(app, settings)


def answers() -> "Answers":
    """Return the shared answers of the current application."""
    found: Answers = current_app.extensions["answers"]
    return found


def renew(_fact: object) -> None:
    """Let no answer be shared that was made before the open transaction's commit."""
    after_commit(answers().note)


class Answers:
    """The shared answers of one application in this process."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._is_on = settings.figures_cache
        self._memory = InMemory(app)
        self._redis = InRedis(app, settings.redis_url, settings.public_url) if settings.redis_url else None
        self._quiet_until = 0.0
        self._turns = Turns()

    def text(self, question: str, key: object, make: Callable[[], str]) -> str:
        """Return the answer to `question` about `key` (what JSON can tell apart): a shared one, or what `make` returns.

        Inside a transaction nothing is shared. Raises `Unavailable` after having waited for half a minute for somebody
        else to make it.
        """
        if not self._is_on or is_writing():
            return make()
        name = sha256(orjson.dumps([question, key], option=orjson.OPT_SORT_KEYS)).hexdigest()
        if self._redis and time.monotonic() >= self._quiet_until:
            try:
                return self._shared(self._redis, name, make)
            except RedisError as error:
                self._do_without_redis(error)
        return self._shared(self._memory, name, make)

    def note(self) -> None:
        """Have answers made anew that are asked for from now on; never waits."""
        self._memory.note()
        if self._redis:
            self._redis.note()

    def tell_others(self) -> None:
        """Let what was noted hold in all processes: before open pages are told to fetch."""
        if self._redis and time.monotonic() >= self._quiet_until:
            try:
                self._redis.publish()
            except RedisError as error:
                self._do_without_redis(error)

    def _shared(self, store: InMemory | InRedis, name: str, make: Callable[[], str]) -> str:
        asked, found = store.edition_and(name)
        if found is not None and found.serves(asked):
            return found.answer
        end_reading()  # the wait needs no connection, and what follows must see what is committed by now
        with self._turn(name):
            edition, found = store.edition_and(name)
            if found is not None and found.serves(asked):
                return found.answer
            answer = make()
            with suppress(RedisError):  # the next one that looks will tell
                store.keep(name, edition, answer)
        return answer

    @contextmanager
    def _turn(self, name: str) -> Iterator[None]:
        """Let one at a time make the answer `name`."""
        try:
            with self._turns.at(name, PATIENCE_SECONDS):
                yield
        except OutOfPatience:
            raise Unavailable from None

    def _do_without_redis(self, error: RedisError) -> None:
        self._quiet_until = time.monotonic() + QUIET_SECONDS
        logger.warning("figures are shared within this process only: %s", type(error).__name__)
