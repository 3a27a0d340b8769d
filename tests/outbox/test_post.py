"""Real mail servers: encrypted, refusing, slow, down, and back again."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask

from tests.conftest import MakeApp
from tests.outbox.stage import put, sweep_once, the_row
from tests.servers.mail import PASSWORD, USER, Sink, make_certificate, running_sink
from tests.servers.processes import free_port
from wihy.outbox import post

START = datetime(2026, 11, 20, 10, tzinfo=UTC)


@pytest.mark.parametrize("refusal", ["550 no such user", "551 moved"])
def test_a_refused_recipient_is_given_up_at_once(mailing_app: Flask, sink: Sink, refusal: str) -> None:
    sink.answer_to_recipient = refusal
    put(mailing_app)
    sweep_once(mailing_app)
    row = the_row(mailing_app)
    assert (row.attempts, row.next_try_at) == (1, None)
    assert row.failed_at
    assert row.error == f"SMTPRecipientsRefused {refusal[:3]}"
    assert mailing_app.test_client().get("/readyz").json["parts"]["outbox"] == {
        "status": "warning",
        "message": "1 could not be delivered in the last 24 hours: the log says why",
    }


def test_a_refused_mail_is_given_up_at_once(mailing_app: Flask, sink: Sink) -> None:
    sink.answer_to_mail = "554 looks like spam"
    put(mailing_app)
    sweep_once(mailing_app)
    assert the_row(mailing_app).error == "SMTPDataError 554"


@pytest.mark.parametrize("answer", ["answer_to_recipient", "answer_to_mail"])
def test_a_server_that_asks_for_patience_is_tried_again(mailing_app: Flask, sink: Sink, answer: str) -> None:
    with time_machine.travel(START) as clock:
        setattr(sink, answer, "451 try again later")
        put(mailing_app)
        sweep_once(mailing_app)
        row = the_row(mailing_app)
        assert row.failed_at is None
        assert row.next_try_at
        assert timedelta(seconds=20) < row.next_try_at - START < timedelta(seconds=45)
        setattr(sink, answer, "250 OK")
        sweep_once(mailing_app)
        assert sink.mails == []
        clock.shift(timedelta(seconds=45))
        sweep_once(mailing_app)
    assert len(sink.mails) == 1
    assert the_row(mailing_app).attempts == 2


def test_a_server_that_is_down_gets_it_when_it_is_back(make_app: MakeApp) -> None:
    port = free_port()
    app = make_app(MAIL_SERVER="localhost", MAIL_PORT=str(port), MAIL_USE_TLS="off")
    with time_machine.travel(START) as clock:
        put(app)
        sweep_once(app)
        assert the_row(app).error == "ConnectionRefusedError"
        clock.shift(timedelta(minutes=20))
        assert app.test_client().get("/readyz").json["parts"]["outbox"]["message"] == (
            "the oldest has waited for 20 minutes"
        )
        assert "wihy_outbox_waiting 1.0" in app.test_client().get("/metrics").text
        with running_sink() as sink:
            app.extensions["settings"] = app.extensions["settings"].model_copy(
                update={"mail_port": sink.port}
            )
            sweep_once(app)
            assert len(sink.mails) == 1


@contextmanager
def dripping() -> Iterator[int]:
    """Run a server that answers a byte at a time, and never to the end; yields its port."""
    is_over = threading.Event()

    def drip(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            while not is_over.wait(0.05):
                try:
                    connection.sendall(b"2")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        is_over.set()
        thread.join(20)


def test_a_slow_server_does_not_hold_up_the_others(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "WHOLE_SECONDS", 0.5)
    with dripping() as port:
        app = make_app(MAIL_SERVER="127.0.0.1", MAIL_PORT=str(port), MAIL_USE_TLS="off")
        put(app)
        sweep_once(app)
    row = the_row(app)
    assert row.error == "SMTPServerDisconnected"
    assert row.next_try_at


def test_a_silent_server_is_left_in_time(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post, "ANSWER_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        app = make_app(MAIL_SERVER="127.0.0.1", MAIL_PORT=str(listener.getsockname()[1]), MAIL_USE_TLS="off")
        put(app)
        sweep_once(app)
    assert the_row(app).error == "SMTPServerDisconnected"
    assert the_row(app).next_try_at


@pytest.fixture
def encrypted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    """A server that wants encryption and a sign-in, and whose certificate is trusted."""
    context, certificate = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with running_sink(context) as sink:
        yield sink


def test_it_signs_in_over_an_encrypted_connection(make_app: MakeApp, encrypted: Sink) -> None:
    credentials = {"MAIL_USERNAME": USER, "MAIL_PASSWORD": PASSWORD}
    app = make_app(**encrypted.settings | credentials | {"MAIL_USE_TLS": "on"})
    put(app)
    sweep_once(app)
    assert the_row(app).error is None
    assert (encrypted.is_encrypted, encrypted.is_signed_in) == (True, True)


def test_a_wrong_password_is_tried_again_for_it_may_be_mended(make_app: MakeApp, encrypted: Sink) -> None:
    credentials = {"MAIL_USERNAME": USER, "MAIL_PASSWORD": "wrong"}
    app = make_app(**encrypted.settings | credentials | {"MAIL_USE_TLS": "on"})
    put(app)
    sweep_once(app)
    row = the_row(app)
    assert (row.error, row.failed_at) == ("SMTPAuthenticationError", None)


def test_a_server_that_nobody_vouches_for_gets_nothing(make_app: MakeApp, tmp_path: Path) -> None:
    context, _ = make_certificate(tmp_path)
    with running_sink(context) as sink:
        app = make_app(**sink.settings | {"MAIL_USE_TLS": "on"})
        put(app)
        sweep_once(app)
    assert the_row(app).error == "SSLCertVerificationError"
    assert sink.mails == []


def test_a_server_without_encryption_gets_nothing_unless_that_is_set(make_app: MakeApp, sink: Sink) -> None:
    app = make_app(**sink.settings | {"MAIL_USE_TLS": "on"})
    put(app)
    sweep_once(app)
    assert the_row(app).sent_at is None
    assert sink.mails == []
