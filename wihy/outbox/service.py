"""Putting something into the outbox, and what may be said about it when it is to leave."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from wihy.core import clock
from wihy.core.database import db
from wihy.core.jobs import nudge
from wihy.outbox.models import Message

MAIL = "mail"
SWEEP = "outbox"


class Obsolete(Exception):
    """Nobody is to have the message (any more): it counts as done, and is soon forgotten."""


class Undeliverable(Exception):
    """The message can never arrive, however often it is sent; the text, without personal data, is kept."""


def put_mail(
    template: str,
    recipient: str,
    details: Mapping[str, Any],
    *,
    language: str = "en",
    due_at: datetime | None = None,
) -> Message:
    """Have the mail `template` sent to `recipient` once the open transaction is committed, or at `due_at`.

    `details` are stored: whatever is secret is added by the template's entry in `wihy/mails.py` when the mail leaves.
    """
    now = clock.now()
    message = Message(
        kind=MAIL,
        recipient=recipient,
        template=template,
        details=dict(details),
        language=language,
        created_at=now,
        due_at=due_at or now,
        next_try_at=due_at or now,
    )
    db.session.add(message)
    db.session.flush()
    nudge(SWEEP)
    return message


def count_recent(template: str, recipient: str, within: timedelta) -> int:
    """Return how many mails `template` were put in for `recipient` lately."""
    recent = select(func.count()).where(
        Message.recipient == recipient,
        Message.template == template,
        Message.created_at > clock.now() - within,
    )
    return db.session.scalar(recent.select_from(Message)) or 0
