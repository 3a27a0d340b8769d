"""Reading what became of captures. Every look-up has its index, but for refusals, of which there are few."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select, tuple_

from wihy.core.database import db
from wihy.tracking.bots import is_bot
from wihy.tracking.combinations import OTHER
from wihy.tracking.models import CaptureRefusal, Combination, DailyFigure, Event
from wihy.tracking.refusals import KEPT, MOST_PER_DAY

__all__ = [  # what other rooms use; they import from here alone
    "KEPT",
    "MOST_OF_SESSION",
    "OTHER",
    "SessionEvents",
    "combinations_by_id",
    "events_of_session",
    "figures_of",
    "find_event",
    "has_forgotten_refusals",
    "is_bot",
    "nameless_refusals",
    "refusals_of",
]

MOST_OF_SESSION = 1_000


class SessionEvents(NamedTuple):
    """The newest events of a session, and how many there are (`MOST_OF_SESSION` stands for that many or more)."""

    newest: Sequence[Event]
    total: int


def find_event(event_id: UUID) -> Event | None:
    """Return the stored event with this id."""
    return db.session.get(Event, event_id)


def events_of_session(session_id: str, limit: int) -> SessionEvents:
    """Return the newest `limit` events of a session, newest first; a bot's too.

    Found first and sorted then: a database that trusted the order of time would go through all events for a few.
    """
    found = (
        select(Event.id, Event.timestamp)
        .where(Event.session_id == session_id)
        .limit(MOST_OF_SESSION)
        .cte("found")
        .prefix_with("MATERIALIZED")
    )
    newest = select(found.c.id).order_by(found.c.timestamp.desc(), found.c.id.desc()).limit(limit)
    total = db.session.scalar(select(func.count()).select_from(found)) or 0
    ids = db.session.scalars(newest).all()
    events = {event.id: event for event in db.session.scalars(select(Event).where(Event.id.in_(ids)))}
    return SessionEvents([events[id_] for id_ in ids if id_ in events], total)


def combinations_by_id(ids: Collection[int]) -> dict[int, Combination]:
    """Return the rows of texts with these ids."""
    found = db.session.scalars(select(Combination).where(Combination.id.in_(ids)))
    return {row.id: row for row in found}


def figures_of(keys: Collection[tuple[date, int]]) -> dict[tuple[date, int], DailyFigure]:
    """Return the figures of these days (UTC) and combinations."""
    key = tuple_(DailyFigure.day, DailyFigure.combination_id)
    found = db.session.scalars(select(DailyFigure).where(key.in_(list(keys))))
    return {(figure.day, figure.combination_id): figure for figure in found}


def refusals_of(
    *,
    limit: int,
    event_ids: Collection[str] = (),
    session_id: str | None = None,
    referrer: str | None = None,
) -> Sequence[CaptureRefusal]:
    """Return the newest refused captures that named one of `event_ids`, this session, or this referrer."""
    refusal = CaptureRefusal
    named = (
        refusal.event_id.in_(event_ids)
        if event_ids
        else refusal.session_id == session_id
        if session_id is not None
        else refusal.referrer == referrer
    )
    newest = select(refusal).where(named).order_by(refusal.at.desc(), refusal.id.desc())
    return db.session.scalars(newest.limit(limit)).all()


def nameless_refusals(since: datetime, until: datetime) -> Counter[str]:
    """Return how often captures between two moments were refused unread, by reason: nobody knows whose they were."""
    refusal = CaptureRefusal
    is_nameless = [column.is_(None) for column in (refusal.event_id, refusal.session_id, refusal.referrer)]
    counted = select(refusal.reason, func.count()).where(refusal.at.between(since, until), *is_nameless)
    rows = db.session.execute(counted.group_by(refusal.reason)).all()
    return Counter({str(reason): int(count) for reason, count in rows})


def has_forgotten_refusals(day: date) -> bool:
    """Whether so much was refused on `day` (UTC) that not all of it is remembered."""
    start = datetime.combine(day, time(), UTC)
    is_then = CaptureRefusal.at.between(start, start + timedelta(days=1))
    counted = select(func.count()).select_from(CaptureRefusal).where(is_then)
    return (db.session.scalar(counted) or 0) >= MOST_PER_DAY
