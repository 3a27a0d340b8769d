"""Counting events. Each question is one statement that reads the events it is about once.

Texts are joined after counting: events name their `combinations` row, which holds them in the figures' form.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from math import gcd

from sqlalchemy import ColumnElement, case, exists, extract, func, or_, select

from wihy.analytics.figures import CountedCombination, Figures
from wihy.analytics.filters import Selection
from wihy.analytics.periods import Bucket, Period
from wihy.core.database import db, is_postgresql
from wihy.tracking.models import Combination, Event, EventType

SECONDS_A_DAY = 86_400
SWEPT_FROM = 0.4  # measured on 200,000 events: one sweep 131 ms, all of them through the index 345 ms


def moments(period: Period | None) -> list[ColumnElement[bool]]:
    """Return the conditions on events that they lie in `period` (None: all time)."""
    if period is None:
        return []
    conditions = [Event.timestamp >= period.start, Event.timestamp < period.end]
    return [func.likely(condition) for condition in conditions] if _is_wide(period) else conditions


def _is_wide(period: Period) -> bool:
    """Whether SQLite should sweep through all events: for many of them its index is slower. PostgreSQL knows."""
    begin = first_event_at()
    if is_postgresql() or begin is None:
        return False
    end = db.session.scalars(select(func.max(Event.timestamp))).one()
    return min(period.end, end) - max(period.start, begin) > (end - begin) * SWEPT_FROM


def selected(selection: Selection) -> ColumnElement[bool]:
    """Return the condition on events that they belong to `selection`."""
    if not (conditions := selection.conditions):
        return Event.combination_id.is_not(None)
    return Event.combination_id.in_(select(Combination.id).where(*conditions))


def count_combinations(selection: Selection, period: Period | None) -> Sequence[CountedCombination]:
    """Return how many events of each combination there are: all figures but series follow from it."""
    counted = (
        select(
            Event.combination_id,
            func.count().filter(~Event.is_bot).label("events"),
            func.count().filter(Event.new_visitor & ~Event.is_bot).label("visitors"),
            func.count().filter(Event.is_bot).label("bots"),
        )
        .where(selected(selection), *moments(period))
        .group_by(Event.combination_id)
        .subquery()
    )
    texts = (
        Combination.referrer,
        Combination.original_source,
        Combination.campaign,
        Combination.landing_page,
        Combination.destination,
        Combination.event_type,
    )
    joined = select(*texts, counted.c.events, counted.c.visitors, counted.c.bots).join(
        counted, counted.c.combination_id == Combination.id
    )
    return [CountedCombination._make(row) for row in db.session.execute(joined)]


def count_buckets(selection: Selection, period: Period, buckets: Sequence[Bucket]) -> list[Figures]:
    """Return the figures of each of `buckets`, the parts of `period`, ascending; bots are not counted."""
    figures = [Figures() for _ in buckets]
    if not buckets:
        return figures
    starts = [int(bucket.start.timestamp()) for bucket in buckets]
    slot_seconds = gcd(SECONDS_A_DAY, *starts)
    slots = (
        select(
            _slot(slot_seconds).label("slot"),
            Event.event_type,
            func.count(),
            func.count().filter(Event.new_visitor),
        )
        .where(selected(selection), ~Event.is_bot, *moments(period))
        .group_by("slot", Event.event_type)
    )
    for number, event_type, events, visitors in db.session.execute(slots):
        bucket = bisect_right(starts, int(number) * slot_seconds) - 1
        figures[bucket].count(event_type, events, visitors)
    return figures


def _slot(seconds: int) -> ColumnElement[int]:
    """The number of the slot, `seconds` long, that an event lies in; local days begin and end with one."""
    since_epoch = extract("epoch", Event.timestamp)
    return func.floor(since_epoch / seconds) if is_postgresql() else since_epoch // seconds


def count_since(moment: datetime) -> int:
    """Return how many events that are no bot's were captured since `moment`."""
    counted = select(func.count()).select_from(Event).where(Event.timestamp >= moment, ~Event.is_bot)
    return db.session.scalar(counted) or 0


def first_event_at() -> datetime | None:
    """Return the moment of the first event of all."""
    return db.session.scalar(select(func.min(Event.timestamp)))


def has_events(selection: Selection) -> bool:
    """Whether any event that is no bot's belongs to `selection`."""
    return bool(db.session.scalar(select(exists().where(selected(selection), ~Event.is_bot))))


def is_known(partner: str) -> bool:
    """Whether any event that is no bot's belongs to the id `partner`.

    Strangers may ask this, so it is asked of the indexes: the first condition finds events by them, the second says
    which of these belong to the id.
    """
    named = or_(Event.referrer == partner, Event.original_source == partner)
    owner = case((Event.event_type == EventType.INBOUND, Event.referrer), else_=Event.original_source)
    return bool(db.session.scalar(select(exists().where(named, owner == partner, ~Event.is_bot))))
