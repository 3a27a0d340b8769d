"""Where shared answers lie: in the memory of this process, or in Redis.

A store counts editions: news begin a new one, and an answer carries the edition that held when it was begun.
"""

import time
from dataclasses import asdict, dataclass
from hashlib import sha256
from threading import Lock
from typing import Any

import orjson
from cachelib.serializers import BaseSerializer
from flask import Flask
from flask_caching import Cache

LIVES_SECONDS = 1.0
KEPT_SECONDS = 2  # the stores count whole seconds
MOST_ANSWERS = 200
TIMEOUT_SECONDS = 0.5
EDITION = "edition"


class Json(BaseSerializer):
    """JSON, not pickle: what somebody put into Redis may be wrong then, but it does not run."""

    def dumps(self, value: Any, *_: Any) -> bytes:
        """Return `value` as it is stored."""
        return orjson.dumps(value)

    def loads(self, bvalue: Any, *_: Any) -> Any:
        """Return the value that is stored, None for what is none."""
        try:
            return None if bvalue is None else orjson.loads(bvalue)
        except orjson.JSONDecodeError:
            return None


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer made of the events of `edition`, good until a moment (Unix seconds)."""

    edition: int
    until: float
    answer: str

    @classmethod
    def of(cls, stored: Any) -> "Kept | None":
        """Return what is stored, None where that is no answer."""
        match stored:
            case {"edition": int(edition), "until": float(until), "answer": str(answer)}:
                return cls(edition, until, answer)
        return None

    def serves(self, edition: int) -> bool:
        """Whether it may be given to who knows the news of `edition`."""
        return self.edition >= edition and 0 < self.until - time.time() <= LIVES_SECONDS


class InMemory:
    """Answers of this process; the first ones go where there are too many."""

    def __init__(self, app: Flask) -> None:
        self._backend = _backend(app, CACHE_TYPE="SimpleCache", CACHE_THRESHOLD=MOST_ANSWERS)
        self._guard = Lock()
        self._edition = 0

    def note(self) -> None:
        """Begin a new edition."""
        with self._guard:
            self._edition += 1

    def edition_and(self, name: str) -> tuple[int, Kept | None]:
        """Return the edition that holds now, and the answer kept as `name`."""
        edition = self._edition
        return edition, Kept.of(self._backend.get(name))

    def keep(self, name: str, edition: int, answer: str) -> None:
        """Keep `answer` for a second."""
        _keep(self._backend, name, edition, answer)


class InRedis:
    """Answers of all processes of an installation, which its `address` tells from others on the same Redis.

    What can reach Redis raises `RedisError`.
    """

    def __init__(self, app: Flask, url: str, address: str) -> None:
        self._backend = _backend(
            app,
            CACHE_TYPE="RedisCache",
            CACHE_REDIS_URL=url,
            CACHE_KEY_PREFIX=f"wihy:figures:{sha256(address.encode()).hexdigest()[:12]}:",
            CACHE_OPTIONS={"socket_connect_timeout": TIMEOUT_SECONDS, "socket_timeout": TIMEOUT_SECONDS},
        )
        self._guard = Lock()
        self._publishing = Lock()
        self._noted = 0
        self._published = 0

    def note(self) -> None:
        """Have a new edition begun before anybody here is answered; does not reach Redis."""
        with self._guard:
            self._noted += 1

    def publish(self) -> None:
        """Begin a new edition if there were news."""
        if self._published == self._noted:
            return
        with self._publishing:
            noted = self._noted
            if self._published != noted:
                self._backend.inc(EDITION)
                self._published = noted

    def edition_and(self, name: str) -> tuple[int, Kept | None]:
        """Return the edition that holds now, and the answer kept as `name`."""
        self.publish()
        edition, stored = self._backend.get_many(EDITION, name)
        return edition if isinstance(edition, int) else 0, Kept.of(stored)

    def keep(self, name: str, edition: int, answer: str) -> None:
        """Keep `answer` for a second."""
        _keep(self._backend, name, edition, answer)


def _backend(app: Flask, **config: Any) -> Any:
    cache = Cache(with_jinja2_ext=False, config={"CACHE_SERIALIZER": Json, **config})
    cache.init_app(app)
    return app.extensions["cache"][cache]  # other threads than those of requests use it, too


def _keep(backend: Any, name: str, edition: int, answer: str) -> None:
    kept = Kept(edition, time.time() + LIVES_SECONDS, answer)
    backend.set(name, asdict(kept), timeout=KEPT_SECONDS)
