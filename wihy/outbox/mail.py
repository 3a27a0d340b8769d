"""Mails: made of a template in the reader's language when they leave, as plain text and as HTML."""

from collections.abc import Callable, Mapping
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from flask import Flask, current_app

from wihy.core import clock
from wihy.core.database import end_reading
from wihy.core.settings import settings
from wihy.core.texts import known, translate
from wihy.outbox.models import Message
from wihy.outbox.post import post
from wihy.outbox.service import Undeliverable

Complete = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Returns what a template takes, given the stored details; signs links. Raises `Obsolete` or `Undeliverable`."""


def register(app: Flask, mails: Mapping[str, Complete]) -> None:
    """Let `app` send `mails`: the name of each template, and what completes its details."""
    app.extensions["mails"] = mails


def deliver(message: Message) -> None:
    """Send `message` now; raises if it did not leave."""
    complete = current_app.extensions["mails"].get(message.template)
    if complete is None:
        raise Undeliverable(f"no mail is called {message.template}")
    given = complete(message.details)
    end_reading()
    post(make(message, given), message.recipient)


def make(message: Message, given: Mapping[str, Any]) -> EmailMessage:
    """Return the mail `message` of what its template takes."""
    values = {"host": own_host(), **given}
    language = known(message.language)
    subject = " ".join(translate(f"mail.{message.template}.subject", language, **values).split())
    mail = EmailMessage(policy=SMTP)
    mail["From"] = settings().mail_from
    mail["To"] = _address(message.recipient)
    mail["Subject"] = subject
    mail["Date"] = clock.now()
    mail["Message-ID"] = (
        f"<{message.id}@{own_host()}>"  # the same at each attempt: a second copy is known as one
    )
    mail["Auto-Submitted"] = "auto-generated"
    written = _render(message.template, values | {"language": language, "subject": subject})
    mail.set_content(written.text)
    mail.add_alternative(written.html, subtype="html")
    mail["Content-Language"] = language  # of both: set before, it would go to the first alone
    return mail


def own_host() -> str:
    """Return the name of the host that readers know us by."""
    return urlsplit(settings().public_url).hostname or "localhost"


class _Written(NamedTuple):
    text: str
    html: str


def _render(template: str, values: Mapping[str, Any]) -> _Written:
    """Render both forms; not by Flask's `render_template`, which wants to know who asks."""
    find = current_app.jinja_env.get_template
    return _Written(*(find(f"emails/{template}.{form}").render(values) for form in ("txt", "html")))


def _address(recipient: str) -> Address:
    """Return `recipient` for a header; raises `Undeliverable` if mail programs could not read it as one address."""
    try:
        return Address(addr_spec=recipient)
    except (MessageError, ValueError, IndexError):
        raise Undeliverable("the address cannot be written in a mail") from None
