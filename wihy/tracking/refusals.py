"""Captures that were refused are remembered for a week, to answer why a click was not credited."""

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.exc import SQLAlchemyError

from wihy.core.clock import now
from wihy.core.database import db, transaction
from wihy.core.errors import Refusal, Unavailable
from wihy.core.ids import new_id
from wihy.tracking.models import CaptureRefusal

logger = logging.getLogger(__name__)

MOST_PER_DAY = 10_000
KEPT = timedelta(days=7)
LONGEST = 255


def remember_refusals(refused: Sequence[tuple[Refusal, object]]) -> None:
    """Remember each refusal with what was sent (decoded, of any shape); a fault here changes no answer."""
    if not refused:
        return
    rows = [_row(refusal, sent if isinstance(sent, Mapping) else {}) for refusal, sent in refused]
    try:
        with transaction():
            _store(rows)
    except (SQLAlchemyError, Unavailable) as error:
        logger.error("refused captures could not be remembered: %s", type(error).__name__)


def reason_of(refusal: Refusal) -> str:
    """Return the code of `refusal` and what was wrong with which field."""
    parts = [f"{detail['field']}: {detail['message']}" for detail in refusal.details]
    return "; ".join([refusal.code, *parts])


def _row(refusal: Refusal, body: Mapping[str, Any]) -> CaptureRefusal:
    return CaptureRefusal(
        id=new_id(),
        at=now(),
        reason=_cut(reason_of(refusal)),
        event_id=_text(body, "eventId"),
        session_id=_text(body, "sessionId"),
        referrer=_text(body, "referrer"),
        campaign=_text(body, "campaign"),
    )


def _store(rows: Sequence[CaptureRefusal]) -> None:
    at = rows[0].at
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    is_today = CaptureRefusal.at >= midnight
    today = db.session.scalar(select(func.count()).select_from(CaptureRefusal).where(is_today)) or 0
    if today == 0:
        db.session.execute(delete(CaptureRefusal).where(CaptureRefusal.at < at - KEPT))
    db.session.add_all(rows[: max(0, MOST_PER_DAY - today)])


def _text(body: Mapping[str, Any], name: str) -> str | None:
    value = body.get(name)
    return _cut(value) if isinstance(value, str) else None


def _cut(text: str) -> str:
    """Return what can be stored of `text`: no NUL, no half of a surrogate pair, at most 255 characters."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()[:LONGEST]
