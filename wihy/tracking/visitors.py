"""Visitors: counted once a UTC day, by a hash under a random key of that day which is deleted with it."""

import secrets
from collections.abc import Collection
from datetime import date

from flask import current_app
from sqlalchemy import select

from wihy.core.database import after_commit, db, insert_new
from wihy.core.digests import keyed_digest
from wihy.tracking.capture import Capture
from wihy.tracking.models import VisitorDayKey


def visitor_hash(capture: Capture, key: bytes) -> bytes | None:
    """Return 16 bytes that stand for who made `capture` on the day of `key`: bots and the unknown are nobody.

    The same address and user agent give the same bytes on one day, and cannot be joined with another day's.
    """
    if capture.is_bot or capture.address is None:
        return None
    return keyed_digest(key, f"{capture.address}\0{capture.user_agent or ''}")[:16]


def recall_day_keys(days: Collection[date]) -> dict[date, bytes] | None:
    """Return the keys of `days` (UTC) as they are remembered in memory; `None` if one is not."""
    try:
        return {day: _memory()[day] for day in days}
    except KeyError:
        return None


def day_keys(days: Collection[date]) -> dict[date, bytes]:
    """Return the keys of `days` (UTC), new ones stored (flushed); what is committed is remembered in memory."""
    insert_new(VisitorDayKey, [{"day": day, "key": secrets.token_bytes(32)} for day in sorted(days)])
    rows = db.session.execute(select(VisitorDayKey.day, VisitorDayKey.key).where(VisitorDayKey.day.in_(days)))
    keys = {day: bytes(key) for day, key in rows}
    memory = _memory()
    after_commit(lambda: memory.update(keys))
    return keys


def _memory() -> dict[date, bytes]:
    found: dict[date, bytes] = current_app.extensions.setdefault("visitor_day_keys", {})
    return found
