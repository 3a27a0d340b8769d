"""Whatever breaks: what clients were told, the books, the hours and the events agree."""

import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from config import load_settings
from tests.conftest import BASE, close
from tests.servers.postgresql import running_postgresql
from tests.servers.processes import wait_until
from tests.tracking.bookkeeping import Ledger, hours, ledger
from tests.tracking.crowd import Sender
from wihy.app import create_app
from wihy.core.database import db
from wihy.core.migrations import migrate
from wihy.tracking import group_commit as room
from wihy.tracking.entries import Entry
from wihy.tracking.models import Event
from wihy.tracking.store import store

SENDERS = 6
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
Patch = pytest.MonkeyPatch


class House(NamedTuple):
    """An application, and what makes its database unusable until called again."""

    app: Flask
    take_away: Callable[[], None]
    give_back: Callable[[], None]
    fails_as: str


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """PostgreSQL crashes and recovers; SQLite's file is held by another program."""
    if request.param == "sqlite":
        file = tmp_path / "books.sqlite"
        app = make(f"sqlite:///{file}", tmp_path)
        other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        yield House(app, lambda: hold(other), other.rollback, "timeout")
        other.close()
    else:
        with running_postgresql(**DURABLE) as server:
            app = make(server.url(), tmp_path)
            yield House(app, lambda: server.stop(signal.SIGQUIT), server.start, "database")
    close(app)


def make(url: str, folder: Path) -> Flask:
    """Return an application on a new database."""
    app = create_app(
        load_settings({**BASE, "DATABASE_URL": url, "INSTANCE_PATH": str(folder), "LOG_LEVEL": "ERROR"})
    )
    with app.app_context():
        migrate()
    return app


def hold(other: sqlite3.Connection) -> None:
    """Let nobody else write, as soon as it is `other`'s turn."""
    other.execute("PRAGMA busy_timeout = 20000")
    other.execute("BEGIN IMMEDIATE")


@contextmanager
def crowd(app: Flask) -> Iterator[list[Sender]]:
    """Let many send at once for the length of the block."""
    senders = [Sender(app) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    yield senders
    for sender in senders:
        sender.stop()
    for sender in senders:
        sender.join(60)
        assert not sender.is_alive()


def slowly(entries: list[Entry], *counts: int) -> set[UUID]:
    time.sleep(0.2)
    return store(entries, *counts)


def clumsily(*_: object) -> set[UUID]:
    raise ValueError("the writer stumbles")


def test_whatever_breaks_the_books_balance(house: House, monkeypatch: Patch) -> None:
    monkeypatch.setattr(room, "IDLE_SECONDS", 0.1)
    app, reader = house.app, house.app.test_client()

    def until(happened: Callable[[Ledger], bool], what: str) -> None:
        def has_happened() -> bool:
            book = ledger(reader)
            assert book.balance == 0
            assert 0 <= book.in_flight <= SENDERS * 5
            return happened(book)

        wait_until(has_happened, seconds=60, what=what)

    def more_stored(count: int) -> None:
        before = ledger(reader).stored
        until(lambda book: book.stored >= before + count, "storing")

    with crowd(app) as senders:
        more_stored(20)
        with monkeypatch.context() as patch:
            patch.setattr(room, "MOST_ROWS_WAITING", 3)
            until(lambda book: book.failed["queue_full"] > 3, "the full queue")
        with monkeypatch.context() as patch:
            patch.setattr(room, "store", clumsily)
            until(lambda book: book.failed["mistake"] > 3, "the mistake")
        with monkeypatch.context() as patch:
            patch.setattr(room, "store", slowly)
            patch.setattr(room, "PATIENCE_SECONDS", 0.05)
            until(lambda book: book.failed["timeout"] > 3 and book.unacknowledged > 3, "the slow writer")
        with monkeypatch.context() as patch:
            patch.setattr(room, "PATIENCE_SECONDS", 0.5)
            failed = ledger(reader).failed[house.fails_as]
            house.take_away()
            try:
                until(lambda book: book.failed[house.fails_as] > failed + 3, "the outage")
            finally:
                house.give_back()
        more_stored(20)
    until(lambda book: book.in_flight == book.queue_rows == 0, "the end")
    settled(app, senders)


def settled(app: Flask, senders: list[Sender]) -> None:
    """Check every book against every other."""
    book = ledger(app.test_client())
    wait_until(lambda: hours(app)[2] >= book.rejected.total(), what="the rejected in the hours")
    told: Counter[str] = sum((sender.told for sender in senders), Counter())
    assert (book.received, book.stored, book.duplicate) == (told.total(), told["stored"], told["duplicate"])
    assert book.failed.total() == told["failed"]
    assert book.rejected == told - Counter({name: told[name] for name in ("stored", "duplicate", "failed")})
    assert book.rejected.keys() >= {"ORIGIN_NOT_ALLOWED", "PAYLOAD_TOO_LARGE", "INVALID_REQUEST"}
    with app.app_context():
        there = {str(event_id) for event_id in db.session.scalars(select(Event.id))}
    assert set().union(*(sender.acknowledged for sender in senders)) <= there
    stored, duplicate, rejected = hours(app)
    assert stored == len(there)
    # a commit whose answer was lost with the connection is the one thing nobody knows: tried again, it is a duplicate
    unknown = stored - book.stored - book.unacknowledged
    assert 0 <= unknown <= book.failed["database"] + book.duplicate
    assert duplicate >= book.duplicate
    if not book.failed["database"]:
        assert (unknown, rejected) == (0, book.rejected.total())
    assert app.test_cli_runner().invoke(args=["figures", "check"]).exit_code == 0
