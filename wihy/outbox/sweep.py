"""Sending what is due: one message at a time, by any number of workers, each message by one of them.

A message is claimed in a transaction of its own, sent outside of any, and noted in a second one. A worker that dies
in between leaves it claimed until the lease ends; then it is sent again. So it leaves at least once.
"""

import logging
import secrets
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from flask import Flask, current_app
from prometheus_client import Counter
from sqlalchemy import and_, delete, or_, select, update

from wihy.core import clock
from wihy.core.database import db, end_reading, transaction
from wihy.core.jobs import is_stopping
from wihy.monitoring.service import REGISTRY
from wihy.outbox.models import Message
from wihy.outbox.service import Obsolete, Undeliverable

MOST_ATTEMPTS = 10  # over some four hours
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=2)
LEASE = timedelta(minutes=5)  # several times what sending may take
SWEEP_SECONDS = 50
KEPT_SENT, KEPT_OBSOLETE, KEPT_FAILED = timedelta(days=7), timedelta(days=1), timedelta(days=30)
OBSOLETE = "obsolete"

DELIVERIES = Counter(
    "wihy_outbox_deliveries",
    "What became of each attempt to send a message: sent, retry, failed or obsolete.",
    ["kind", "outcome"],
    registry=REGISTRY,
)

logger = logging.getLogger(__name__)

Deliver = Callable[[Message], object]


class Claim(NamedTuple):
    """A message that is this worker's until the moment given."""

    message: Message
    until: datetime


def register(app: Flask, deliveries: Mapping[str, Deliver]) -> None:
    """Let `app` send messages: each kind in its way, which raises if the message did not leave."""
    app.extensions["deliveries"] = deliveries


def sweep() -> None:
    """Send what is due, until nothing is, the worker is to end, or others should have a turn."""
    end = time.monotonic() + SWEEP_SECONDS
    while time.monotonic() < end and not is_stopping():
        claim = _claim_next()
        if claim is None:
            return
        _send(claim)


def clean() -> None:
    """Delete what was sent, or given up, long enough ago."""
    now = clock.now()
    old = or_(
        Message.sent_at < now - KEPT_SENT,
        and_(Message.sent_at < now - KEPT_OBSOLETE, Message.error == OBSOLETE),
        Message.failed_at < now - KEPT_FAILED,
    )
    with transaction():
        db.session.execute(delete(Message).where(old))


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait: twice as long each time, and never the same for two, lest all come back at once."""
    doubled: timedelta = FIRST_PAUSE * 2 ** (attempts - 1)
    pause = min(doubled, LONGEST_PAUSE)
    return pause * (0.75 + secrets.randbelow(1000) / 2000)


def _claim_next() -> Claim | None:
    now = clock.now()
    is_due = Message.next_try_at <= now
    if db.session.scalar(select(Message.id).where(is_due).limit(1)) is None:
        return None  # most of the time: nothing to write
    until = now + LEASE
    oldest = select(Message).where(is_due).order_by(Message.next_try_at, Message.id).limit(1)
    with transaction():
        unlocked = oldest.with_for_update(skip_locked=True).execution_options(populate_existing=True)
        message = db.session.scalar(unlocked)
        if message is None:
            return None
        message.attempts += 1
        message.next_try_at = until
    return Claim(message, until)


def _send(claim: Claim) -> None:
    message, now = claim.message, clock.now
    try:
        if message.attempts > MOST_ATTEMPTS:  # each time the worker died of it
            raise Undeliverable(message.error or "never noted")
        current_app.extensions["deliveries"][message.kind](message)
    except Obsolete:
        end_reading()
        _note(claim, sent_at=now(), next_try_at=None, error=OBSOLETE)
        _tell(message, OBSOLETE)
    except Exception as error:
        end_reading()
        name = str(error) if isinstance(error, Undeliverable) else type(error).__name__
        if isinstance(error, Undeliverable) or message.attempts >= MOST_ATTEMPTS:
            _note(claim, error=name, failed_at=now(), next_try_at=None)
            _tell(message, "failed", name)
        else:
            _note(claim, error=name, next_try_at=now() + pause_after(message.attempts))
            _tell(message, "retry", name)
    else:
        _note(claim, sent_at=now(), next_try_at=None, error=None)
        _tell(message, "sent")


def _note(claim: Claim, *, error: str | None, **values: Any) -> None:
    """Write down what became of the message, unless it has become another worker's."""
    message_id: UUID = claim.message.id
    ours = (Message.id == message_id, Message.next_try_at == claim.until)
    with transaction():
        db.session.execute(update(Message).where(*ours).values(error=error and error[:64], **values))


def _tell(message: Message, outcome: str, error: str = "") -> None:
    DELIVERIES.labels(message.kind, outcome).inc()
    level = {"sent": logging.INFO, OBSOLETE: logging.INFO, "retry": logging.WARNING}.get(
        outcome, logging.ERROR
    )
    words = f"{message.kind} {message.template} {message.id}: {outcome} at attempt {message.attempts} {error}"
    logger.log(level, words.rstrip())
