"""Mails as they arrive."""

import re
from datetime import date
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask

from config import ConfigurationError, load_settings
from tests.conftest import BASE, MakeApp
from tests.outbox.stage import LINK, RECIPIENT, put, sweep_once, the_row
from tests.servers.mail import Sink
from wihy.core.texts import LANGUAGES, translate
from wihy.outbox.mail import make
from wihy.outbox.models import Message

INVITATION = {"partnerName": "Ada & <Söhne>", "link": LINK, "expiresOn": date(2027, 11, 20)}
GIVEN: dict[str, dict[str, Any]] = {
    "password_reset": {"email": RECIPIENT, "link": LINK, "minutes": 30},
    "partner_invitation": INVITATION,
    "notification": {"title": "Points & more", "body": "You have 5 points.", "link": LINK},
}


def part(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body((kind,))
    assert found
    content: str = found.get_content()
    return content


def test_a_mail_arrives_with_both_forms(mailing_app: Flask, sink: Sink) -> None:
    put(mailing_app)
    sweep_once(mailing_app)
    [mail] = sink.mails
    row = the_row(mailing_app)
    assert sink.recipients == [RECIPIENT]
    assert mail["To"] == RECIPIENT
    assert mail["From"] == "WIHY <wihy@links.example.org>"
    assert mail["Subject"] == "Your new password"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == f"<{row.id}@links.example.org>"
    assert mail["Date"]
    for kind in ("plain", "html"):
        assert LINK in part(mail, kind)
        assert "within 30 minutes" in part(mail, kind)
    assert "<" not in part(mail, "plain")
    assert (row.attempts, row.next_try_at, row.error) == (1, None, None)
    assert row.sent_at
    assert "token" not in str(row.details)


@pytest.mark.parametrize("template", GIVEN)
def test_every_mail_speaks_every_language(mailing_app: Flask, template: str) -> None:
    for language in (*LANGUAGES, "xx"):
        values = GIVEN[template] | {"host": "links.example.org"}
        with mailing_app.app_context():
            message = Message(id=None, recipient=RECIPIENT, template=template, language=language)
            mail = make(message, GIVEN[template])
        assert mail["Subject"] == translate(f"mail.{template}.subject", language, **values)
        assert mail["Content-Language"] == (language if language in LANGUAGES else "en")
        assert translate("mail.foot", language, host="links.example.org") in part(mail, "plain")
        html = part(mail, "html")
        assert LINK in html
        assert "<table" not in html
        assert not re.search(r"(src|@import|url\()", html)


def test_values_bring_no_markup(mailing_app: Flask) -> None:
    with mailing_app.app_context():
        mail = make(
            Message(id=None, recipient=RECIPIENT, template="partner_invitation", language="en"), INVITATION
        )
    assert "Ada &amp; &lt;Söhne&gt;, your partner page is ready" in part(mail, "html")
    assert "Ada & <Söhne>, your partner page is ready" in part(mail, "plain")


@pytest.mark.parametrize("break_of_line", ["\r\n", "\n", "\r", "\u2028"])
def test_nothing_adds_a_header(mailing_app: Flask, break_of_line: str) -> None:
    values = INVITATION | {"partnerName": f"Pat{break_of_line}Bcc: eve@example.org"}
    with mailing_app.app_context():
        mail = make(
            Message(id=None, recipient=RECIPIENT, template="partner_invitation", language="en"), values
        )
    head = mail.as_bytes().partition(b"\r\n\r\n")[0].decode("ascii")
    assert "\nBcc" not in head
    assert mail["Subject"] == "Your partner page, Pat Bcc: eve@example.org"


@pytest.mark.parametrize(
    "recipient",
    [
        "pat@example.org\r\nBcc: eve@example.org",
        "pat@example.org\nRCPT TO:<eve@example.org>",
        "pat,eve@example.org",
        "pat eve@example.org",
        "<pat@example.org",
        "@",
    ],
)
def test_an_address_that_is_none_is_given_up(mailing_app: Flask, sink: Sink, recipient: str) -> None:
    put(mailing_app, recipient)
    sweep_once(mailing_app)
    row = the_row(mailing_app)
    assert row.failed_at
    assert row.error == "the address cannot be written in a mail"
    assert sink.mails == []


def test_a_mail_without_an_entry_is_given_up(mailing_app: Flask) -> None:
    put(mailing_app)
    mailing_app.extensions["mails"] = {}
    sweep_once(mailing_app)
    assert the_row(mailing_app).error == "no mail is called password_reset"


@pytest.fixture
def developers_app(make_app: MakeApp) -> Flask:
    """An application in development, that knows no mail server."""
    return make_app(LOG_LEVEL="INFO")


def test_development_reads_mails_in_the_terminal(
    developers_app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    put(developers_app)
    sweep_once(developers_app)
    assert LINK in caplog.text
    assert f"To: {RECIPIENT}" in caplog.text
    assert the_row(developers_app).sent_at


@pytest.fixture
def mute_app(make_app: MakeApp) -> Flask:
    """An application in production, that knows no mail server."""
    return make_app(LOG_LEVEL="DEBUG", WIHY_ENV="production")


def test_production_logs_neither_the_text_nor_whom_it_is_for(
    mute_app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    put(mute_app)
    sweep_once(mute_app)
    assert "MAIL_SERVER is not set" in caplog.text
    assert "token" not in caplog.text
    assert RECIPIENT not in caplog.text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAIL_PORT", "0"),
        ("MAIL_FROM", "nobody"),
        ("MAIL_FROM", "a\nBcc: eve@example.org"),
        ("MAIL_FROM", "a@b@c"),
        ("MAIL_USERNAME", "wihy"),
        ("MAIL_USE_TLS", "perhaps"),
    ],
)
def test_settings_that_cannot_be_used_are_named(tmp_path: object, name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        load_settings({**BASE, "INSTANCE_PATH": str(tmp_path), name: value})
