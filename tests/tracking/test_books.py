"""Each capture stands in the books once, by what it was answered; the hours say the same."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, update

from tests.conftest import MakeApp
from tests.servers.processes import wait_until
from tests.tracking.bookkeeping import Ledger, figures, hours, ledger
from tests.tracking.captures import a_capture
from tests.tracking.test_batch import send_batch
from tests.tracking.test_capture import PATH, send, stored
from tests.tracking.test_senders import add_key
from wihy.core.database import db, transaction
from wihy.core.errors import Unavailable
from wihy.tracking import group_commit as room
from wihy.tracking.entries import Entry
from wihy.tracking.group_commit import group_commit
from wihy.tracking.models import CaptureHour, Event
from wihy.tracking.service import capture_events
from wihy.tracking.store import store

Send = Callable[[FlaskClient], Any]


def closed(client: FlaskClient) -> Ledger:
    """Return the books once nothing is in flight; they balance."""
    book = ledger(client)
    assert (book.balance, book.in_flight, book.queue_rows) == (0, 0, 0)
    return book


def test_stored_and_duplicate(app: Flask, stranger: FlaskClient) -> None:
    event_id = str(uuid4())
    for _ in range(3):
        send(stranger, eventId=event_id)
    send(stranger, userAgent="Googlebot")
    book = closed(stranger)
    assert (book.received, book.stored, book.duplicate) == (4, 2, 2)
    assert hours(app) == (2, 2, 0)


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (lambda client: send(client, referrer=""), "INVALID_REQUEST"),
        (lambda client: client.post(PATH, data=b"{", content_type="application/json"), "INVALID_REQUEST"),
        (lambda client: client.post(PATH, data=b"{}", content_type="text/html"), "UNSUPPORTED_MEDIA_TYPE"),
        (lambda client: client.post(PATH, data=b"x" * 300_000), "PAYLOAD_TOO_LARGE"),
        (lambda client: client.post(PATH, headers={"Origin": "https://evil.io"}), "ORIGIN_NOT_ALLOWED"),
        (lambda client: client.post(PATH, headers={"X-Api-Key": "wihy_wrong"}), "UNAUTHORIZED"),
        (lambda client: send_batch(client, []), "INVALID_REQUEST"),
    ],
    ids=["field", "syntax", "kind", "size", "origin", "key", "batch"],
)
def test_a_refused_request_is_one(app: Flask, stranger: FlaskClient, sent: Send, reason: str) -> None:
    sent(stranger)
    book = closed(stranger)
    assert (book.received, book.rejected) == (1, {reason: 1})
    wait_until(lambda: hours(app) == (0, 0, 1), what="the hour")


def test_a_key_of_another_scope_is_refused(app: Flask, stranger: FlaskClient) -> None:
    stranger.post(PATH, json={"referrer": "a"}, headers=add_key(app, "stats:read"))
    assert closed(stranger).rejected == {"Forbidden": 1}


def test_a_batch_counts_its_events(app: Flask, stranger: FlaskClient) -> None:
    twice = {"referrer": "a", "eventId": str(uuid4())}
    send_batch(stranger, [twice, {"referrer": "b"}, twice, {}, 5])
    book = closed(stranger)
    assert (book.received, book.stored, book.duplicate, book.rejected.total()) == (5, 2, 1, 2)
    wait_until(lambda: hours(app) == (2, 1, 2), what="the hour")


def test_a_batch_refused_whole_counts_its_events(stranger: FlaskClient) -> None:
    send_batch(stranger, [{"referrer": "a"}] * 51)
    assert closed(stranger).rejected == {"INVALID_REQUEST": 51}


def test_a_batch_beyond_the_limit_counts_its_events(make_app: MakeApp) -> None:
    client = make_app(RATE_LIMIT_CAPTURE="2").test_client()
    send_batch(client, [{"referrer": "a"}] * 20)
    send_batch(client, [{"referrer": "a"}] * 7)
    book = closed(client)
    assert (book.received, book.stored, book.rejected) == (27, 20, {"RATE_LIMITED": 7})


def lag(client: FlaskClient) -> float:
    return figures(client)["wihy_capture_queue_lag_seconds"][""]


def test_what_waits_is_in_flight(app: Flask, stranger: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()

    def held(entries: list[Entry], *counts: int) -> set[UUID]:
        assert gate.wait(20)
        return store(entries, *counts)

    monkeypatch.setattr(room, "store", held)
    waiting = threading.Thread(target=send_batch, args=(app.test_client(), [{"referrer": "a"}] * 9))
    waiting.start()
    wait_until(lambda: ledger(stranger).queue_rows == 9, what="the queue")
    book = ledger(stranger)
    assert (book.balance, book.received, book.in_flight, book.stored) == (0, 9, 9, 0)
    wait_until(lambda: lag(stranger) > 0, what="the writer")
    gate.set()
    waiting.join()
    assert closed(stranger).stored == 9
    assert lag(stranger) == 0


def test_stored_after_its_time_has_failed_and_is_told_apart(
    app: Flask, stranger: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()

    def held(entries: list[Entry], *counts: int) -> set[UUID]:
        assert gate.wait(20)
        return store(entries, *counts)

    monkeypatch.setattr(room, "store", held)
    monkeypatch.setattr(room, "PATIENCE_SECONDS", 0.05)
    assert send_batch(stranger, [{"referrer": "a"}, {}, {"referrer": "b"}]).status_code == 503
    gate.set()
    wait_until(lambda: ledger(stranger).unacknowledged == 2, what="the writer")
    book = closed(stranger)
    assert (book.received, book.stored, book.failed) == (3, 0, {"timeout": 3})
    assert hours(app) == (2, 0, 0)
    assert len(stored(app)) == 2


def test_a_full_queue_has_failed(stranger: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_ROWS_WAITING", 2)
    assert send_batch(stranger, [{"referrer": "a"}] * 3).status_code == 503
    assert closed(stranger).failed == {"queue_full": 3}


@pytest.mark.parametrize(
    ("error", "reason"), [(Unavailable(), "database"), (ValueError("a mistake of ours"), "mistake")]
)
@pytest.mark.parametrize("group_commit", ["on", "off"])
def test_faults_of_ours_have_failed(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, group_commit: str, error: Exception, reason: str
) -> None:
    app = make_app(GROUP_COMMIT=group_commit)
    app.testing = False

    def broken(*_: object) -> set[UUID]:
        raise error

    monkeypatch.setattr(room, "store", broken)
    client = app.test_client()
    assert send(client).status_code >= 500
    assert closed(client).failed == {reason: 1}


def test_without_group_commit_the_hours_are_the_same(make_app: MakeApp) -> None:
    app = make_app(GROUP_COMMIT="off")
    client = app.test_client()
    send_batch(client, [{"referrer": "a"}, {}])
    send(client, referrer="")
    assert hours(app) == (1, 0, 2)
    assert closed(client).rejected.total() == 2


def test_rejected_wait_while_the_store_is_away(
    app: Flask, stranger: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without any other capture they are entered once it is back."""
    enter = room.enter
    is_away = True

    def away(**counts: int) -> None:
        if is_away:
            raise Unavailable
        enter(**counts)

    monkeypatch.setattr(room, "IDLE_SECONDS", 0.05)
    monkeypatch.setattr(room, "enter", away)
    for _ in range(3):
        send(stranger, referrer="")
    assert closed(stranger).rejected == {"INVALID_REQUEST": 3}
    assert hours(app) == (0, 0, 0)
    is_away = False
    wait_until(lambda: hours(app) == (0, 0, 3), what="the hour")


def test_what_waits_is_entered_at_the_end_of_the_process(
    app: Flask, stranger: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room.GroupCommit, "nudge", lambda _: None)
    send(stranger, referrer="")
    assert hours(app) == (0, 0, 0)
    with app.app_context():
        group_commit().close()
    assert hours(app) == (0, 0, 1)


def test_the_check_finds_more_events_than_were_stored(app: Flask) -> None:
    with app.app_context():
        capture_events([a_capture() for _ in range(5)])
        with transaction():
            db.session.execute(update(CaptureHour).values(stored=CaptureHour.stored - 2))
    runner = app.test_cli_runner()
    wrong = runner.invoke(args=["figures", "check"])
    assert (wrong.exit_code, "2 events more than the hours have stored" in wrong.output) == (1, True)
    assert "Counted 2 events" in runner.invoke(args=["figures", "rebuild"]).output
    assert runner.invoke(args=["figures", "check"]).exit_code == 0
    assert hours(app)[0] == 5


def test_deleted_events_stay_counted(app: Flask) -> None:
    with app.app_context():
        capture_events([a_capture() for _ in range(5)])
        with transaction():
            db.session.execute(delete(Event))
    assert app.test_cli_runner().invoke(args=["figures", "rebuild"]).exit_code == 0
    assert app.test_cli_runner().invoke(args=["figures", "check"]).exit_code == 0
    assert hours(app) == (5, 0, 0)
