"""Where figures are read: on the replica while it has all that the primary has, else on the primary.

A function marked `@reading` asks `reader()` and nobody else, so it can be asked twice: where the replica fails in the
middle of it, the primary answers the whole of it anew. Who may do what is never read this way, and nothing is written.

Each reading first asks the primary how far it has come and lets the replica answer only once it is there too. So an
answer has everything that was acknowledged before it was asked for, wherever it is read (docs/replica.md).
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from threading import Lock, Thread, get_ident
from typing import Any, ParamSpec, TypeVar

from flask import Flask, current_app
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import scoped_session

from config import Settings
from wihy.core.database import POOL_SIZE, SESSION_OPTIONS, UNTRIED, db, is_writing
from wihy.core.patience import Patience

CONNECT_SECONDS = 2
LOOK_EVERY_SECONDS = 1.0
LOOK_SECONDS = 0.5
POLL_SECONDS = 0.004
JAM_SECONDS = 0.25
SILENCE_SECONDS = 1.0
LONGEST_QUERY_SECONDS = 35  # the server itself ends one after 30
TIMED_OUT = "57014"
CONFLICT = "40001"
POSITION = text("SELECT pg_current_wal_flush_lsn()::text")
REPLAYED = text("SELECT pg_is_in_recovery() AND pg_last_wal_replay_lsn() >= CAST(:position AS pg_lsn)")
IDENTITY = text("SELECT system_identifier, pg_is_in_recovery() FROM pg_control_system()")
AWAY = "cannot be reached"
BEHIND = "is behind the primary"

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")
Reader = Connection | scoped_session[Any]
_asked: ContextVar[Reader | None] = ContextVar("what the current reading asks", default=None)


def reading(function: Callable[P, T]) -> Callable[P, T]:
    """Let `function`, which only reads, and by `reader()`, be answered by the replica.

    What it calls reads where it does. Inside a transaction, or without a replica, it reads on the primary.
    """

    @wraps(function)
    def read(*args: P.args, **kwargs: P.kwargs) -> T:
        found = replica()
        if found is None or _asked.get() is not None or is_writing():
            return function(*args, **kwargs)
        return found.answer(lambda: function(*args, **kwargs))

    return read


def reader() -> Reader:
    """Return what the current reading asks."""
    return _asked.get() or db.session


@contextmanager
def _asking(chosen: Reader) -> Iterator[None]:
    token = _asked.set(chosen)
    try:
        yield
    finally:
        _asked.reset(token)


def replica() -> "Replica | None":
    """Return the replica of the current application, if it has one."""
    found: Replica | None = current_app.extensions.get("replica")
    return found


def register(app: Flask, settings: Settings) -> None:
    """Let `app` read figures on the replica its settings name."""
    if settings.database_replica_url is None:
        return
    engine = create_engine(
        settings.database_replica_url,
        isolation_level="AUTOCOMMIT",  # a reading holds no snapshot longer than each query takes
        pool_size=POOL_SIZE,
        max_overflow=settings.threads,
        pool_timeout=CONNECT_SECONDS,
        hide_parameters=True,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "application_name": "wihy figures",
            "options": f"{SESSION_OPTIONS} -c default_transaction_read_only=on",
            "keepalives_idle": 2,
            "keepalives_interval": 1,
            "keepalives_count": 2,
            "tcp_user_timeout": CONNECT_SECONDS * 1000,
        },
    )
    # trying one out would wait for a frozen server outside of all patience
    event.listen(engine, "connect", lambda _connection, record: record.info.update({UNTRIED: True}))
    app.extensions["replica"] = Replica(app, engine, settings.replica_max_lag_seconds)


class Replica:
    """The replica of an application, as this process knows it.

    Until it is known to be well, nobody asks it but a thread that looks at it, at most once a second and only while
    figures are being read: so no request waits for a replica that is away.
    """

    def __init__(self, app: Flask, engine: Engine, patience_seconds: float) -> None:
        self.engine = engine
        self._app = app
        self._patience = patience_seconds
        self._guard = Lock()
        self._problem: str | None = "was not looked at yet"
        self._looked_at = -LOOK_EVERY_SECONDS
        self._look: Thread | None = None
        self._arriving: dict[int, float] = {}
        self._silence = Patience()

    def answer(self, work: Callable[[], T]) -> T:
        """Return what `work` reads: on the replica, and where that fails, all of it on the primary."""
        if connection := self._arrive():
            try:
                with connection, self._silence.within(LONGEST_QUERY_SECONDS, connection), _asking(connection):
                    return work()
            except DBAPIError as error:
                if _code(error) == TIMED_OUT:  # it would take the primary as long
                    raise
                self._leave(error)
        with _asking(db.session):
            return work()

    def problem(self) -> str | None:
        """Look at the replica; returns what keeps figures from being read there. Takes half a second at most."""
        with self._guard:
            look = self._begin_to_look()
        look.join(LOOK_SECONDS)
        return "does not answer" if look.is_alive() else self._problem

    def _arrive(self) -> Connection | None:
        """Return a connection to the replica once that has all that the primary has now, None if it is not to be."""
        caller = get_ident()
        with self._guard:
            if not self._is_usable():
                return None
            self._arriving[caller] = time.monotonic()
        try:
            return self._caught_up()
        except (DBAPIError, PoolTimeout) as error:
            self._leave(error)
            return None
        finally:
            with self._guard:
                del self._arriving[caller]

    def _is_usable(self) -> bool:
        now = time.monotonic()
        if self._problem is not None:
            if now - self._looked_at >= LOOK_EVERY_SECONDS:
                self._begin_to_look()
            return False
        # while one is kept waiting, others do not line up behind it
        return all(now - began < self._patience + JAM_SECONDS for began in self._arriving.values())

    def _caught_up(self) -> Connection | None:
        position = primary_position()
        connection = self.engine.connect()
        try:
            if self._has_replayed(connection, position):
                return connection
        except BaseException:
            connection.close()
            raise
        connection.close()
        self._know(BEHIND)
        return None

    def _leave(self, error: DBAPIError | PoolTimeout) -> None:
        """Let the primary answer; unless `error` says nothing of the replica's health, others stay away as well."""
        logger.warning("the replica failed, the primary answers: %s", _first_line(error))
        says_nothing = isinstance(error, DataError | PoolTimeout) or _code(error) == CONFLICT
        if not says_nothing or (isinstance(error, DBAPIError) and error.connection_invalidated):
            self._know(AWAY)

    def _know(self, problem: str | None) -> None:
        """Know how the replica is from now on, and say so if that is news."""
        with self._guard:
            before, self._problem = self._problem, problem
            self._looked_at = time.monotonic()
        if problem != before:
            source = "primary" if problem else "replica"
            logger.warning("the replica %s: figures are read from the %s", problem or "is well", source)

    def _begin_to_look(self) -> Thread:
        if self._look is None or not self._look.is_alive():
            self._looked_at = time.monotonic()
            self._look = Thread(target=self._examine, name="look at the replica", daemon=True)
            self._look.start()
        return self._look

    def _examine(self) -> None:
        with self._app.app_context():
            found = self._found_problem()
        self._know(found)

    def _found_problem(self) -> str | None:
        try:
            system, _ = db.session.execute(IDENTITY).one()
            position = primary_position()
            with self.engine.connect() as connection:
                with self._silence.within(SILENCE_SECONDS, connection):
                    of_replica, is_replica = connection.execute(IDENTITY).one()
                if not is_replica:
                    return "is no replica (any more)"
                if of_replica != system:
                    return "is a replica of another server"
                return None if self._has_replayed(connection, position) else BEHIND
        except (DBAPIError, PoolTimeout) as error:
            logger.debug("the replica cannot be reached: %s", _first_line(error))
            return AWAY

    def _has_replayed(self, connection: Connection, position: str) -> bool:
        """Return whether the replica is at `position`, if need be after having waited for it."""
        deadline = time.monotonic() + self._patience
        with self._silence.within(self._patience + SILENCE_SECONDS, connection):
            while not connection.scalar(REPLAYED, {"position": position}):
                if time.monotonic() >= deadline:
                    return False
                time.sleep(POLL_SECONDS)
        return True


def primary_position() -> str:
    """Return how far the primary has come: all that was acknowledged lies before it in its log."""
    return str(db.session.scalar(POSITION))


def _code(error: Exception) -> str | None:
    return getattr(getattr(error, "orig", None), "pgcode", None)


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".partition("\n")[0]
