"""The outbox: what is written with a change leaves, at least once, and each message by one worker at a time."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from tests.outbox.stage import put, rows, sweep_once, the_row
from tests.servers.mail import Sink
from tests.servers.processes import wait_until
from wihy.core.database import db, transaction
from wihy.outbox.models import Message
from wihy.outbox.service import MAIL, Obsolete, put_mail
from wihy.outbox.sweep import MOST_ATTEMPTS, clean, pause_after

START = datetime(2026, 11, 20, 10, tzinfo=UTC)


def fail(_message: Message) -> None:
    raise ConnectionError


def test_a_worker_sends_what_was_put_in_within_seconds(mailing_app: Flask, sink: Sink) -> None:
    runner = mailing_app.extensions["jobs"]
    runner.start()
    try:
        put(mailing_app)
        wait_until(lambda: len(sink.mails) == 1, what="the mail")
    finally:
        runner.stop(20)


def test_what_is_rolled_back_never_leaves(mailing_app: Flask, sink: Sink) -> None:
    with mailing_app.app_context(), suppress(ZeroDivisionError), transaction():
        put_mail("password_reset", "pat@example.org", {})
        raise ZeroDivisionError
    sweep_once(mailing_app)
    assert rows(mailing_app) == []
    assert sink.mails == []


def test_what_is_due_later_waits(mailing_app: Flask, sink: Sink) -> None:
    with time_machine.travel(START) as clock:
        put(mailing_app)
        with mailing_app.app_context(), transaction():
            details = {"email": "later@example.org"}
            put_mail("password_reset", "later@example.org", details, due_at=START + timedelta(hours=1))
        sweep_once(mailing_app)
        assert sink.recipients == ["pat@example.org"]
        clock.shift(timedelta(hours=1))
        sweep_once(mailing_app)
        assert sink.recipients == ["pat@example.org", "later@example.org"]


def test_many_workers_send_each_message_once(mailing_app: Flask) -> None:
    sent: list[object] = []
    for number in range(12):
        put(mailing_app, f"pat{number}@example.org")
    mailing_app.extensions["deliveries"] = {MAIL: lambda message: sent.append(message.id)}
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda _: sweep_once(mailing_app), range(6)))
    assert sorted(map(str, sent)) == sorted(str(row.id) for row in rows(mailing_app))
    assert all(row.sent_at for row in rows(mailing_app))


def test_a_message_being_sent_is_nobody_elses(mailing_app: Flask) -> None:
    begun, go_on, sent = threading.Event(), threading.Event(), []

    def deliver(message: Message) -> None:
        begun.set()
        assert go_on.wait(20)
        sent.append(message.id)

    put(mailing_app)
    mailing_app.extensions["deliveries"] = {MAIL: deliver}
    with ThreadPoolExecutor(1) as thread:
        first = thread.submit(sweep_once, mailing_app)
        assert begun.wait(20)
        sweep_once(mailing_app)
        assert sent == []
        go_on.set()
        first.result(20)
    assert len(sent) == 1


def test_a_dead_workers_message_is_sent_after_its_lease(mailing_app: Flask, sink: Sink) -> None:
    def die(_message: Message) -> None:
        raise KeyboardInterrupt

    with time_machine.travel(START) as clock:
        put(mailing_app)
        deliveries = mailing_app.extensions["deliveries"]
        mailing_app.extensions["deliveries"] = {MAIL: die}
        with suppress(KeyboardInterrupt):
            sweep_once(mailing_app)
        mailing_app.extensions["deliveries"] = deliveries
        clock.shift(timedelta(minutes=4))
        sweep_once(mailing_app)
        assert sink.mails == []
        clock.shift(timedelta(minutes=1))
        sweep_once(mailing_app)
    assert len(sink.mails) == 1


def test_a_message_that_kills_each_worker_is_given_up(mailing_app: Flask) -> None:
    def die(_message: Message) -> None:
        raise KeyboardInterrupt

    put(mailing_app)
    mailing_app.extensions["deliveries"] = {MAIL: die}
    with time_machine.travel(datetime.now(UTC)) as clock:
        for _ in range(MOST_ATTEMPTS + 1):
            clock.shift(timedelta(minutes=6))
            with suppress(KeyboardInterrupt):
                sweep_once(mailing_app)
    row = the_row(mailing_app)
    assert row.failed_at
    assert row.next_try_at is None


def test_it_tries_so_often_and_no_oftener(mailing_app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    put(mailing_app)
    mailing_app.extensions["deliveries"] = {MAIL: fail}
    with time_machine.travel(datetime.now(UTC)) as clock:
        for attempts in range(1, MOST_ATTEMPTS + 1):
            sweep_once(mailing_app)
            assert the_row(mailing_app).attempts == attempts
            clock.shift(timedelta(hours=4))
        sweep_once(mailing_app)
    row = the_row(mailing_app)
    assert (row.attempts, row.error, row.next_try_at) == (MOST_ATTEMPTS, "ConnectionError", None)
    assert row.failed_at
    assert "failed at attempt 10 ConnectionError" in caplog.text
    assert "pat@example.org" not in caplog.text


def test_pauses_double_and_differ() -> None:
    assert {pause_after(1) for _ in range(20)} != {pause_after(1)}
    for attempts in range(1, 9):
        seconds = 30 * 2 ** (attempts - 1)
        assert 0.75 * seconds <= pause_after(attempts).total_seconds() <= 1.25 * seconds
    assert pause_after(30) <= timedelta(hours=2.5)


def test_a_message_for_nobody_is_done_without_a_mail(mailing_app: Flask, sink: Sink) -> None:
    def nobody(_message: Message) -> None:
        raise Obsolete

    put(mailing_app)
    mailing_app.extensions["deliveries"] = {MAIL: nobody}
    sweep_once(mailing_app)
    row = the_row(mailing_app)
    assert (row.next_try_at, row.failed_at, row.error) == (None, None, "obsolete")
    assert sink.mails == []


def test_old_messages_are_deleted(mailing_app: Flask) -> None:
    days = {"sent": 8, "sent lately": 6, "obsolete": 2, "failed": 31, "failed lately": 29}
    now = datetime.now(UTC)
    for name in [*days, "waiting"]:
        put(mailing_app, name.replace(" ", "-"))
    with mailing_app.app_context(), transaction():
        for row in db.session.query(Message):
            name = row.recipient.replace("-", " ")
            if name in days:
                row.next_try_at = None
                moment = now - timedelta(days=days[name])
                row.error = "obsolete" if name == "obsolete" else None
                row.failed_at, row.sent_at = (moment, None) if "failed" in name else (None, moment)
    with mailing_app.app_context():
        clean()
    assert {row.recipient for row in rows(mailing_app)} == {"sent-lately", "failed-lately", "waiting"}
