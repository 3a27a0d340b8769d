"""The database: one place that opens, commits and rolls back.

Edges (routes, sockets, jobs, commands) write inside `with transaction():`; services only flush. What must wait for
the commit (pushes, mail) is handed to `after_commit`, what must be locked no longer than it takes to `before_commit`.
"""

import math
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from threading import Lock
from typing import Any, cast

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import MetaData, Table, event, func, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry, Pool, PoolProxiedConnection

from config import Part, Settings
from wihy.core.effects import after_commit as after_commit
from wihy.core.effects import before_commit as before_commit
from wihy.core.effects import collecting
from wihy.core.effects import is_writing as is_writing
from wihy.core.errors import Unavailable

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
POOL_SIZE = 20
OVERFLOW_OF_A_PART = 10
PATIENCE_SECONDS = 10
RESTED_SECONDS = 1.0
SELF_COMMITTING = "self-committing"
UNTRIED = "untried"  # marks connections whose user would rather notice by itself that they died
SESSION_OPTIONS = "-c timezone=utc -c jit=off -c statement_timeout=30000 -c lock_timeout=10000"

_writers = Lock()


class Base(DeclarativeBase):
    """The base of every table."""

    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


@contextmanager
def transaction(*, may_take_long: bool = False) -> Iterator[None]:
    """Commit what happens inside, or nothing of it; run what waits for the commit right before it, or after it.

    With `may_take_long`, as commands over all events have it, no statement in it is ended after half a minute.
    Raises `RuntimeError` when one is open already: only the edge knows where the work ends.
    """
    with collecting() as waiting, _turn():
        db.session.commit()  # ends the read that came before: SQLite cannot turn a reader into a writer
        try:
            if may_take_long and is_postgresql():
                db.session.execute(text("SET LOCAL statement_timeout = 0"))
            yield
            db.session.flush()
            waiting.run_steps()
            db.session.commit()
        except BaseException:
            db.session.rollback()
            raise


@contextmanager
def one_statement() -> Iterator[PoolProxiedConnection]:
    """Yield the driver's connection for a transaction of a single statement; then run the effects of the commit.

    On PostgreSQL the statement commits itself, which saves the ways there and back of `BEGIN` and `COMMIT`. On SQLite,
    where there is no way, it is any transaction. Errors are SQLAlchemy's, as everywhere.
    """
    if is_postgresql():
        with collecting(takes_steps=False), _self_committing() as connection:
            yield connection
    else:
        with transaction():
            yield db.session.connection().connection


@contextmanager
def _self_committing() -> Iterator[PoolProxiedConnection]:
    engine = db.engines[SELF_COMMITTING]
    connection = None
    try:
        connection = engine.raw_connection()
        yield connection
    except engine.dialect.loaded_dbapi.Error as error:
        is_gone = connection is not None and _is_gone(engine, connection, error)
        raise DBAPIError.instance(
            None,
            None,
            error,
            engine.dialect.loaded_dbapi.Error,
            hide_parameters=True,
            connection_invalidated=is_gone,
        ) from error
    finally:
        if connection is not None:
            connection.close()


def _is_gone(engine: Engine, connection: PoolProxiedConnection, error: Any) -> bool:
    """Whether `error` says that the connection is dead; then the pool forgets it."""
    is_gone = engine.dialect.is_disconnect(error, connection.dbapi_connection, None)
    if is_gone:
        connection.invalidate(error)
    return is_gone


@contextmanager
def _turn() -> Iterator[None]:
    """Let writers of this process come in the order of their arrival: SQLite lets whoever asks in the right moment."""
    if is_postgresql():
        yield
        return
    if not _writers.acquire(timeout=PATIENCE_SECONDS):
        raise Unavailable
    try:
        yield
    finally:
        _writers.release()


def end_reading() -> None:
    """Give the connection back before slow work that needs no database; what was read stays usable."""
    if is_writing():
        raise RuntimeError("slow work must not hold a transaction open")
    db.session.commit()


def wait_for_turn(matter: str) -> None:
    """Let one transaction at a time deal with `matter`: others that say the same wait for this one's end.

    On SQLite writers take turns anyway.
    """
    if is_postgresql():
        key = int.from_bytes(sha256(matter.encode()).digest()[:8], "big", signed=True)
        db.session.execute(select(func.pg_advisory_xact_lock(key)))


def register(app: Flask, settings: Settings) -> None:
    """Connect `app` to the database its settings name."""
    url = settings.database_url
    # every thread may need a connection at once; of several processes each gets its share of what the server has
    alone = settings.wihy_part is Part.ALL
    options: dict[str, Any] = {
        "pool_size": POOL_SIZE,
        "max_overflow": settings.threads if alone else OVERFLOW_OF_A_PART,
        "pool_timeout": 5,
    }
    options["hide_parameters"] = True  # what is stored must not stand in logs
    if url.startswith("postgresql"):
        options["connect_args"] = {
            "connect_timeout": 5,
            "options": SESSION_OPTIONS,
            "keepalives_idle": 30,
            "tcp_user_timeout": 15_000,
        }
    else:
        options["connect_args"] = {"timeout": PATIENCE_SECONDS}
    app.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS=options)
    if url.startswith("postgresql"):
        self_committing = options | {"url": url, "isolation_level": "AUTOCOMMIT"}
        app.config["SQLALCHEMY_BINDS"] = {SELF_COMMITTING: self_committing}
    db.init_app(app)


def is_postgresql() -> bool:
    """Whether the current application's database is PostgreSQL (otherwise it is SQLite)."""
    return db.engine.dialect.name == "postgresql"


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Make SQLite durable, concurrent and strict; its driver must not open transactions by itself."""
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "cache_size=-65536",
        ):
            connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Pool, "checkin")
def _note_use(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info["used_at"] = time.monotonic()


@event.listens_for(Pool, "checkout")
def _try_out(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """Replace a connection that died while it rested; to ask one that was used just now costs more than it saves."""
    rested = time.monotonic() - record.info.get("used_at", math.inf)
    if (
        rested > RESTED_SECONDS
        and UNTRIED not in record.info
        and not isinstance(connection, sqlite3.Connection)
    ):
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            connection.rollback()
        except Exception as error:
            raise InvalidatePoolError from error


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    """Take SQLite's write lock at the start of a transaction: taken later it could only fail."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing() else "BEGIN")


def insert_new(model: type[Base], rows: Sequence[Mapping[str, Any]], *returning: Any) -> list[Any]:
    """Insert those of `rows` that contradict no unique key (`ON CONFLICT DO NOTHING`), in their order.

    Returns the columns `returning` of the rows inserted.
    """
    if not rows:
        return []
    dialect = postgresql if is_postgresql() else sqlite
    # the table, not the model: the ORM would prepare the statement anew for each number of rows
    statement = dialect.insert(cast(Table, model.__table__)).on_conflict_do_nothing()
    if not returning:
        db.session.execute(statement, rows)
        return []
    return list(db.session.execute(statement.returning(*returning), rows))
