"""Visitors: counted once a UTC day, by a hash under a random key of that day which is deleted with it."""

import hmac
import secrets
from collections.abc import Iterable
from datetime import UTC, date

from flask import current_app
from sqlalchemy import select

from wihy.core.database import after_commit, db, insert_new
from wihy.tracking.capture import Capture
from wihy.tracking.models import DailyVisitor, VisitorDayKey

Visitor = tuple[date, bytes]


def visitor_of(capture: Capture) -> Visitor | None:
    """Return the visitor who made `capture` (address and user agent, on its UTC day); bots and the unknown are none."""
    if capture.is_bot or capture.address is None:
        return None
    day = capture.timestamp.astimezone(UTC).date()
    who = f"{capture.address}\0{capture.user_agent or ''}".encode()
    return day, hmac.digest(_key_of(day), who, "sha256")[:16]


def store_visitors(visitors: Iterable[Visitor]) -> set[Visitor]:
    """Store those not yet seen on their day (flushed); returns them."""
    ordered = sorted(set(visitors))  # the same order everywhere, or writers block each other
    rows = [{"day": day, "hash": digest} for day, digest in ordered]
    returned = insert_new(DailyVisitor, rows, DailyVisitor.day, DailyVisitor.hash)
    return {(day, bytes(digest)) for day, digest in returned}


def _key_of(day: date) -> bytes:
    keys: dict[date, bytes] = current_app.extensions.setdefault("visitor_day_keys", {})
    if day in keys:
        return keys[day]
    insert_new(VisitorDayKey, [{"day": day, "key": secrets.token_bytes(32)}])
    key = bytes(db.session.scalars(select(VisitorDayKey.key).where(VisitorDayKey.day == day)).one())
    after_commit(lambda: keys.update({day: key}))
    return key
