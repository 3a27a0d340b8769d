"""Mails of notifications: in the customer's language, to who can get them, ten an hour at most."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.message import EmailMessage
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from tests.conftest import MakeApp, add_customer
from tests.notifications.telling import rows, tell
from tests.outbox.stage import rows as outbox_rows
from tests.outbox.stage import sweep_once
from tests.servers.mail import Sink
from wihy.core import clock
from wihy.core.database import db, transaction
from wihy.customers.service import change_customer, get_customer
from wihy.notifications.mails import MOST_MAILS, PERIOD
from wihy.notifications.models import Notification

INBOX = "https://links.example.org/me#notifications"
ALICE, BOB = "alice@example.org", "bob@example.org"


def text_of(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body((kind,))
    assert found
    content: str = found.get_content()
    return content


def change(app: Flask, **values: Any) -> None:
    with app.app_context(), transaction():
        change_customer(get_customer(7), values)


@pytest.mark.parametrize(
    ("language", "subject", "body", "button"),
    [
        ("en", "Points received", "Your interaction brought you 5 points.", "Open your notifications"),
        ("sw", "Umepokea pointi", "Shughuli yako imekuletea pointi 5.", "Fungua arifa zako"),
    ],
)
def test_a_mail_says_it_in_the_customer_s_language(
    mailing_app: Flask, sink: Sink, language: str, subject: str, body: str, button: str
) -> None:
    add_customer(mailing_app, 7, ALICE, language=language)
    tell(mailing_app, mail=True)
    sweep_once(mailing_app)
    [mail] = sink.mails
    assert sink.recipients == [ALICE]
    assert mail["Subject"] == subject
    assert mail["Content-Language"] == language
    for kind in ("plain", "html"):
        assert body in text_of(mail, kind)
        assert INBOX in text_of(mail, kind)
    assert button in text_of(mail, "html")
    assert [row.mailed for row in rows(mailing_app)] == [True]


def test_only_what_is_to_be_mailed_is_mailed(mailing_app: Flask, sink: Sink) -> None:
    add_customer(mailing_app, 7, ALICE)
    tell(mailing_app)
    sweep_once(mailing_app)
    assert sink.mails == []
    assert [row.mailed for row in rows(mailing_app)] == [False]


def test_who_cannot_sign_in_here_gets_no_link(mailing_app: Flask, sink: Sink) -> None:
    add_customer(mailing_app, 7)
    change(mailing_app, email=ALICE)
    tell(mailing_app, mail=True)
    sweep_once(mailing_app)
    [mail] = sink.mails
    for kind in ("plain", "html"):
        assert "5 points" in text_of(mail, kind)
        assert "http" not in text_of(mail, kind)


@pytest.mark.parametrize("values", [{"email": None}, {"active": False}])
def test_who_has_no_mail_or_is_not_active_only_finds_it_inside(
    mailing_app: Flask, sink: Sink, values: dict[str, Any]
) -> None:
    add_customer(mailing_app, 7, ALICE)
    change(mailing_app, **values)
    tell(mailing_app, mail=True)
    sweep_once(mailing_app)
    assert (sink.mails, outbox_rows(mailing_app)) == ([], [])
    assert [row.mailed for row in rows(mailing_app)] == [False]


@pytest.mark.parametrize("values", [{"email": None}, {"email": BOB}, {"active": False}])
def test_what_changes_before_it_leaves_counts(mailing_app: Flask, sink: Sink, values: dict[str, Any]) -> None:
    add_customer(mailing_app, 7, ALICE)
    tell(mailing_app, mail=True)
    change(mailing_app, **values)
    sweep_once(mailing_app)
    assert sink.mails == []
    assert [row.error for row in outbox_rows(mailing_app)] == ["obsolete"]


def test_no_mail_is_sent_of_what_is_gone(mailing_app: Flask, sink: Sink) -> None:
    add_customer(mailing_app, 7, ALICE)
    tell(mailing_app, mail=True)
    with mailing_app.app_context(), transaction():
        db.session.query(Notification).delete()
    sweep_once(mailing_app)
    assert sink.mails == []


def test_ten_an_hour_for_each_customer(app: Flask) -> None:
    add_customer(app, 7, ALICE)
    add_customer(app, 8, BOB)
    for _ in range(MOST_MAILS + 2):
        tell(app, mail=True)
    tell(app, 8, mail=True)
    assert [row.recipient for row in outbox_rows(app)] == [ALICE] * MOST_MAILS + [BOB]
    assert len(rows(app)) == MOST_MAILS + 3


def test_another_address_is_no_way_around(app: Flask) -> None:
    add_customer(app, 7, ALICE)
    for _ in range(MOST_MAILS):
        tell(app, mail=True)
    change(app, email=BOB)
    tell(app, mail=True)
    assert {row.recipient for row in outbox_rows(app)} == {ALICE}


def test_after_an_hour_there_are_mails_again(app: Flask) -> None:
    add_customer(app, 7, ALICE)
    for _ in range(MOST_MAILS):
        tell(app, mail=True)
    with app.app_context(), transaction():
        earlier = clock.now() - PERIOD - timedelta(seconds=1)
        db.session.execute(update(Notification).values(created_at=earlier))
    tell(app, mail=True)
    assert len(outbox_rows(app)) == MOST_MAILS + 1


def test_ten_an_hour_also_of_many_at_once(app: Flask) -> None:
    add_customer(app, 7, ALICE)
    many = 2 * MOST_MAILS
    barrier = Barrier(many)

    def tell_with_others(_: int) -> None:
        barrier.wait()
        tell(app, mail=True)

    with ThreadPoolExecutor(many) as pool:
        list(pool.map(tell_with_others, range(many)))
    assert len(outbox_rows(app)) == MOST_MAILS
    assert [row.mailed for row in rows(app)].count(True) == MOST_MAILS
    assert len(rows(app)) == many


@pytest.fixture
def talking_app(make_app: MakeApp) -> Flask:
    """An application that logs all it can, in production and without a mail server."""
    return make_app(LOG_LEVEL="DEBUG", WIHY_ENV="production")


def test_addresses_stand_in_no_log(talking_app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    add_customer(talking_app, 7, ALICE)
    tell(talking_app, mail=True)
    sweep_once(talking_app)
    assert "mail notification" in caplog.text
    assert "alice" not in caplog.text
