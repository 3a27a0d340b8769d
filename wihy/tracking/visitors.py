"""Visitors: counted once a UTC day, by a hash under a random key of that day which is deleted with it."""

import hmac
import secrets
from datetime import date

from flask import current_app
from sqlalchemy import select

from wihy.core.database import after_commit, db, insert_new
from wihy.tracking.capture import Capture
from wihy.tracking.models import VisitorDayKey


def visitor_hash(capture: Capture, key: bytes) -> bytes | None:
    """Return 16 bytes that stand for who made `capture` on the day of `key`: bots and the unknown are nobody.

    The same address and user agent give the same bytes on one day, and cannot be joined with another day's.
    """
    if capture.is_bot or capture.address is None:
        return None
    who = f"{capture.address}\0{capture.user_agent or ''}".encode()
    return hmac.digest(key, who, "sha256")[:16]


def day_key(day: date) -> bytes:
    """Return the key of `day` (UTC), a new one stored (flushed); what is committed is remembered in memory."""
    keys: dict[date, bytes] = current_app.extensions.setdefault("visitor_day_keys", {})
    if day in keys:
        return keys[day]
    insert_new(VisitorDayKey, [{"day": day, "key": secrets.token_bytes(32)}])
    key = bytes(db.session.scalars(select(VisitorDayKey.key).where(VisitorDayKey.day == day)).one())
    after_commit(lambda: keys.update({day: key}))
    return key
