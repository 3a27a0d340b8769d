"""What the tests of the outbox share: a mail of their own, and the row it becomes."""

from collections.abc import Mapping
from typing import Any

from flask import Flask

from wihy.core.database import db, transaction
from wihy.outbox.models import Message
from wihy.outbox.service import put_mail
from wihy.outbox.sweep import sweep

LINK = "https://links.example.org/engagement/x?token=secret"
RECIPIENT = "pat@example.org"


def complete(details: Mapping[str, Any]) -> Mapping[str, Any]:
    """Add the link, as a room would."""
    return {"link": LINK, "minutes": 30, **details}


def put(app: Flask, recipient: str = RECIPIENT, language: str = "en", **details: Any) -> None:
    """Put a mail into the outbox."""
    app.extensions["mails"] = {"password_reset": complete}
    with app.app_context(), transaction():
        put_mail("password_reset", recipient, {"email": recipient, **details}, language=language)


def sweep_once(app: Flask) -> None:
    """Send what is due."""
    with app.app_context():
        sweep()


def rows(app: Flask) -> list[Message]:
    """Return what is in the outbox, the oldest first."""
    with app.app_context():
        return list(db.session.query(Message).order_by(Message.id))


def the_row(app: Flask) -> Message:
    """Return the only message in the outbox."""
    [message] = rows(app)
    return message
