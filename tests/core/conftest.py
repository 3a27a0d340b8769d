"""The stage of the replica's tests: a primary, a replica that streams from it, and WIHY on both."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import event, text

from config import load_settings
from tests.conftest import BASE
from tests.servers.postgresql import PostgreSQL, running_postgresql, running_replica
from tests.servers.processes import wait_until
from wihy.app import create_app
from wihy.core.database import db
from wihy.core.migrations import migrate
from wihy.core.replica import reader, reading

# an acknowledged capture is flushed, as in production: the replica is asked whether it has what is flushed
SAFE = {"synchronous_commit": "on"}


@dataclass
class Pair:
    """A database of the test's own on both servers, and WIHY that reads figures on the replica."""

    primary: PostgreSQL
    replica: PostgreSQL
    name: str
    app: Flask
    asked: list[str] = field(default_factory=list)

    def is_read(self) -> bool:
        """Whether a reading is answered by the replica."""
        with self.app.app_context():
            return bool(_is_in_recovery())

    def wait_until_read(self) -> None:
        """Return once readings go to the replica."""
        wait_until(self.is_read, what="the replica")

    def tell(self, statement: str) -> None:
        """Run `statement` on the replica."""
        self.replica.run(statement)


@reading
def _is_in_recovery() -> object:
    return reader().scalar(text("SELECT pg_is_in_recovery()"))


@pytest.fixture(scope="session")
def primary_and_replica() -> Iterator[tuple[PostgreSQL, PostgreSQL]]:
    """Two real servers, one streaming from the other."""
    with (
        running_postgresql(**SAFE) as primary,
        running_replica(primary, max_standby_streaming_delay="100ms") as replica,
    ):
        yield primary, replica


@pytest.fixture
def pair(primary_and_replica: tuple[PostgreSQL, PostgreSQL], tmp_path: Path) -> Iterator[Pair]:
    """WIHY on a migrated database of both servers; readings go to the replica already."""
    primary, replica = primary_and_replica
    name = f"test_{uuid4().hex}"
    primary.run(f"CREATE DATABASE {name}")
    app = app_on(tmp_path, primary.url(name), replica.url(name))
    with app.app_context():
        migrate()
    made = Pair(primary, replica, name, app)
    engine = app.extensions["replica"].engine
    event.listen(engine, "before_cursor_execute", lambda *told: made.asked.append(told[2]))
    made.wait_until_read()
    yield made
    with app.app_context():
        db.engine.dispose()
    engine.dispose()
    primary.run(f"DROP DATABASE {name} WITH (FORCE)")


def app_on(folder: Path, url: str, replica_url: str) -> Flask:
    """Return WIHY on the database at `url` and its replica."""
    environment = {
        **BASE,
        "DATABASE_URL": url,
        "DATABASE_REPLICA_URL": replica_url,
        "INSTANCE_PATH": str(folder),
        "LOG_LEVEL": "ERROR",
    }
    app = create_app(load_settings(environment))
    app.testing = True
    return app
