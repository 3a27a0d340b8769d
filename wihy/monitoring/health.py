"""Whether this process can serve, part by part.

A part's check returns `None` when all is well or a sentence that warns, and raises when the part keeps us from serving.
"""

import logging
from collections.abc import Callable
from enum import StrEnum

import redis
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import text

from wihy.core.database import db
from wihy.core.migrations import FOLDER
from wihy.core.replica import replica
from wihy.core.schemas import Outgoing
from wihy.core.settings import settings

logger = logging.getLogger(__name__)

Check = Callable[[], str | None]
REDIS_TIMEOUT_SECONDS = 1


class State(StrEnum):
    """How a part, or the whole, is."""

    OK = "ok"
    WARNING = "warning"
    FAILING = "failing"


class CannotServe(Exception):
    """A part keeps this process from serving; the text may be shown to anyone."""


class PartHealth(Outgoing):
    """How one part is."""

    status: State
    message: str | None = None


_parts: dict[str, Check] = {}


def register_part(name: str, check: Check) -> None:
    """Have `check` asked, in an application context, whenever readiness is."""
    _parts[name] = check


def examine() -> dict[str, PartHealth]:
    """Return how each registered part is now, by its name."""
    return {name: _examine(name, check) for name, check in _parts.items()}


def worst(parts: dict[str, PartHealth]) -> State:
    """Return the state of the whole."""
    found = {part.status for part in parts.values()}
    return next((state for state in (State.FAILING, State.WARNING) if state in found), State.OK)


def _examine(name: str, check: Check) -> PartHealth:
    try:
        warning = check()
    except CannotServe as error:
        return PartHealth(status=State.FAILING, message=str(error))
    except Exception as error:  # whatever it is, this part does not work; the inner detail is for the log
        logger.error("the part %r fails: %s: %s", name, type(error).__name__, error)
        return PartHealth(status=State.FAILING, message="cannot be used")
    return PartHealth(status=State.WARNING if warning else State.OK, message=warning)


def _check_database() -> str | None:
    with db.engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    return None


def _check_migrations() -> str | None:
    script = ScriptDirectory(str(FOLDER))
    with db.engine.connect() as connection:
        applied = set(MigrationContext.configure(connection).get_current_heads())
    known = {revision.revision for revision in script.walk_revisions()}
    if applied - known:
        return "the database was migrated by a newer version"
    if applied != set(script.get_heads()):
        raise CannotServe("the tables are out of date: run `flask --app wsgi migrate`")
    return None


def _check_replica() -> str | None:
    """Without the replica the primary does its work: slower, but serving."""
    found = replica()
    problem = found.problem() if found else None
    return problem and f"{problem}: figures are read from the primary"


def _check_redis() -> str | None:
    """Without Redis limits count per process and live pages of other processes hear nothing: worse, but serving."""
    url = settings().redis_url
    if url is None:
        return None
    timeout = REDIS_TIMEOUT_SECONDS
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=timeout, socket_timeout=timeout) as client:
            client.ping()
    except redis.RedisError as error:
        logger.warning("Redis cannot be reached: %s", error)
        return "cannot be reached: limits and live updates stay within each process"
    return None


def _check_proxies() -> str | None:
    if current_app.extensions["forwarded_unasked"].seen:
        return "X-Forwarded-For arrives from a private address but TRUSTED_PROXIES is 0: all clients look like one"
    return None


register_part("database", _check_database)
register_part("migrations", _check_migrations)
register_part("replica", _check_replica)
register_part("redis", _check_redis)
register_part("proxies", _check_proxies)
