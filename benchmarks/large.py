"""Large databases to measure: a durable PostgreSQL full of sample clicks, loaded once where its files are kept."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg2

from config import ROOT
from tests.servers.postgresql import PostgreSQL, running_postgresql

TABLES = ("tracking_events", "combinations", "daily_figures", "quarter_hour_figures", "daily_visitors")
DURABLE = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "shared_buffers": "1GB",
    "max_wal_size": "8GB",
}


@contextmanager
def large_postgresql(kept: Path | None) -> Iterator[PostgreSQL]:
    """Start a durable PostgreSQL for the length of the block; its files stay in the folder `kept`, if one is named."""
    with running_postgresql(kept, **DURABLE) as server:
        yield server


def loaded(server: PostgreSQL, events: int) -> str:
    """Return the address of a database with that many events up to today, loaded now unless it is there already."""
    name = f"events_{events}_{datetime.now(UTC):%Y%m%d}"
    if not _exists(server, name):
        for old in ask(
            server.url(), f"SELECT datname FROM pg_database WHERE datname LIKE 'events_{events}%'"
        ):
            server.run(f"DROP DATABASE {old[0]}")
        server.run(f"CREATE DATABASE {name}_loading")
        flask(server.url(f"{name}_loading"), "migrate")
        flask(server.url(f"{name}_loading"), "demo", "load", "--events", str(events))
        _tidy(server.url(f"{name}_loading"))
        server.run(f"ALTER DATABASE {name}_loading RENAME TO {name}")
    return server.url(name)


def flask(database_url: str, *words: str, **environment: str) -> None:
    """Run a command of the application on a database; raises where it fails."""
    variables = {**os.environ, "LOG_LEVEL": "WARNING", **environment, "DATABASE_URL": database_url}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    subprocess.run(command, cwd=ROOT, env=variables, check=True)


def row_counts(database_url: str) -> dict[str, int]:
    """Return how many rows the tables of captures hold."""
    return {table: int(ask(database_url, f"SELECT count(*) FROM {table}")[0][0]) for table in TABLES}


def _exists(server: PostgreSQL, name: str) -> bool:
    return bool(ask(server.url(), f"SELECT FROM pg_database WHERE datname = '{name}'"))


def _tidy(database_url: str) -> None:
    """Do what autovacuum does within the next minutes, so that it does not run while something is measured."""
    ask(database_url, "VACUUM (ANALYZE)")
    ask(database_url, "CHECKPOINT")


def ask(database_url: str, statement: str) -> list[Any]:
    """Return the rows of `statement` (trusted text), if it has any."""
    connection = psycopg2.connect(database_url.replace("+psycopg2", ""))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description is not None else []
    finally:
        connection.close()
