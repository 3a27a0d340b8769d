"""Links lead on while the database is away; what could not be counted stands in the books."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from config import load_settings
from tests.conftest import BASE, add_user, close, signed_in
from tests.links.saving import save
from tests.links.test_redirect import TRACKING_URL, follow
from tests.servers.postgresql import PostgreSQL, running_postgresql
from tests.tracking.bookkeeping import ledger
from tests.tracking.test_capture import stored
from wihy.app import create_app
from wihy.core.migrations import migrate
from wihy.links import targets


@pytest.fixture
def server() -> Iterator[PostgreSQL]:
    """A PostgreSQL of one's own, to be stopped."""
    with running_postgresql() as server:
        yield server


@pytest.fixture
def app(server: PostgreSQL, tmp_path: Path) -> Iterator[Flask]:
    """The application on it, with links that were followed (`trail`), and not yet (`other`)."""
    settings = {"DATABASE_URL": server.url(), "INSTANCE_PATH": str(tmp_path), "LOG_LEVEL": "ERROR"}
    app = create_app(load_settings({**BASE, **settings}))
    with app.app_context():
        migrate()
    add_user(app, "ada@example.org", "admin")
    ada = signed_in(app, "ada@example.org")
    save(ada, slug="trail")
    save(ada, slug="other")
    follow(app.test_client(), "/l/trail")
    yield app
    close(app)


def test_a_link_leads_on_uncounted_and_the_books_know(
    app: Flask, server: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(targets, "KEPT_SECONDS", 0.0)
    stranger = app.test_client()
    server.stop(signal.SIGINT)
    answers = [follow(stranger, "/l/trail") for _ in range(2)]
    assert [(answer.status_code, answer.location) for answer in answers] == [(302, f"{TRACKING_URL}#top")] * 2
    assert follow(stranger, "/l/other").status_code == 503
    server.start()
    assert "wihy_id=" in follow(stranger, "/l/trail").location
    assert follow(stranger, "/l/other").status_code == 302
    assert len(stored(app)) == 3
    book = ledger(stranger)
    assert (book.received, book.stored, book.failed, book.balance) == (5, 3, {"database": 2}, 0)


def test_a_store_that_hangs_keeps_nobody_waiting(
    app: Flask, server: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wihy.tracking.service.PATIENCE_ON_THE_WAY_SECONDS", 0.2)
    stranger = app.test_client()
    with server.frozen():
        assert follow(stranger, "/l/trail").location == f"{TRACKING_URL}#top"
    follow(stranger, "/l/trail")  # written after the first, so that has been, too
    book = ledger(stranger)
    assert (book.failed, book.unacknowledged, book.balance) == ({"timeout": 1}, 1, 0)
