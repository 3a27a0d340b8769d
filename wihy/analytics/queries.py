"""Counting. What was written with the events is read: daily figures, and figures of quarter hours.

Whole UTC days come from the daily figures, the ragged edges of other zones' days from the events. A series without
filters, or of one partner, comes from the quarter hours. Only a filtered series whose points are no UTC days is counted
from the events. All of it equals a recount of the events (`tests/analytics/oracle.py`).
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from math import gcd
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, exists, extract, func, select, union_all

from wihy.analytics.figures import CountedCombination, Figures
from wihy.analytics.filters import Selection
from wihy.analytics.periods import Bucket, Period
from wihy.core.database import is_postgresql
from wihy.core.replica import reader, reading
from wihy.tracking.models import Combination, DailyFigure, Event, QuarterHourFigure

SECONDS_A_DAY = 86_400
SECONDS_A_QUARTER_HOUR = 900
ALL_PARTNERS = ""
DAY = timedelta(days=1)


Question = Select[*tuple[Any, ...]]


class Split(NamedTuple):
    """A period as whole UTC days (`first` up to, not including, `end`; none where equal) and what is left of it."""

    first: date
    end: date
    edges: list[tuple[datetime, datetime]]


def split(start: datetime, end: datetime) -> Split:
    """Return the whole UTC days between two moments, and the edges around them."""
    first = start.astimezone(UTC).date()
    if midnight(first) < start:
        first += DAY
    last = end.astimezone(UTC).date()
    if first >= last:
        return Split(first, first, [(start, end)])
    edges = [(start, midnight(first)), (midnight(last), end)]
    return Split(first, last, [(begin, stop) for begin, stop in edges if begin < stop])


def midnight(day: date) -> datetime:
    """Return the moment at which `day` begins in UTC."""
    return datetime.combine(day, time(), UTC)


def moments(period: Period | None) -> list[ColumnElement[bool]]:
    """Return the conditions on events that they lie in `period` (None: all time)."""
    return [] if period is None else [Event.timestamp >= period.start, Event.timestamp < period.end]


def selected(selection: Selection) -> ColumnElement[bool]:
    """Return the condition on events that they belong to `selection`."""
    if not (conditions := selection.conditions):
        return Event.combination_id.is_not(None)
    return Event.combination_id.in_(select(Combination.id).where(*conditions))


@reading
def count_combinations(selection: Selection, period: Period | None) -> Sequence[CountedCombination]:
    """Return how many events of each combination there are: all figures but series follow from it."""
    parts = [_whole_days(selection, period)] if period is None else _parts(selection, period)
    counted = (union_all(*parts) if len(parts) > 1 else parts[0]).subquery()
    summed = (
        select(
            counted.c.combination_id,
            func.sum(counted.c.events).label("events"),
            func.sum(counted.c.visitors).label("visitors"),
            func.sum(counted.c.bots).label("bots"),
        )
        .group_by(counted.c.combination_id)
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
    joined = select(*texts, summed.c.events, summed.c.visitors, summed.c.bots).join(
        summed, summed.c.combination_id == Combination.id
    )
    return [CountedCombination(*row[:6], *map(int, row[6:])) for row in reader().execute(joined)]


def _parts(selection: Selection, period: Period) -> list[Question]:
    days = split(period.start, period.end)
    parts = [_edge(selection, *edge) for edge in days.edges]
    if days.first < days.end:
        parts.append(_whole_days(selection, period))
    return parts


def _whole_days(selection: Selection, period: Period | None) -> Question:
    figure = DailyFigure
    statement = select(figure.combination_id, figure.events, figure.visitors, figure.bots)
    if conditions := selection.conditions:
        statement = statement.where(figure.combination_id.in_(select(Combination.id).where(*conditions)))
    if period is not None:
        days = split(period.start, period.end)
        statement = statement.where(figure.day >= days.first, figure.day < days.end)
    return statement


def _edge(selection: Selection, start: datetime, end: datetime) -> Question:
    return (
        select(
            Event.combination_id,
            func.count().filter(~Event.is_bot).label("events"),
            func.count().filter(Event.new_visitor & ~Event.is_bot).label("visitors"),
            func.count().filter(Event.is_bot).label("bots"),
        )
        .where(selected(selection), Event.timestamp >= start, Event.timestamp < end)
        .group_by(Event.combination_id)
    )


@reading
def count_buckets(selection: Selection, period: Period, buckets: Sequence[Bucket]) -> list[Figures]:
    """Return the figures of each of `buckets`, the parts of `period`, ascending; bots are not counted."""
    figures = [Figures() for _ in buckets]
    if not buckets:
        return figures
    starts = [int(bucket.start.timestamp()) for bucket in buckets]
    end = int(period.end.timestamp())
    for second, event_type, events, visitors in reader().execute(_slots(selection, starts, end)):
        bucket = bisect_right(starts, int(second)) - 1
        figures[bucket].count(event_type, int(events), int(visitors))
    return figures


def _slots(selection: Selection, starts: Sequence[int], end: int) -> Question:
    """Return a select of (start as Unix seconds, event type, events, visitors) in slots that fit the buckets."""
    width = gcd(SECONDS_A_DAY, end, *starts)
    if not width % SECONDS_A_QUARTER_HOUR and selection.is_of_one_partner_at_most:
        return _quarter_slots(selection.partner or ALL_PARTNERS, starts[0], end)
    if width == SECONDS_A_DAY:
        return _day_slots(selection, starts[0], end)
    return _event_slots(selection, starts[0], end, width)


def _quarter_slots(partner: str, start: int, end: int) -> Question:
    figure = QuarterHourFigure
    second = figure.quarter * SECONDS_A_QUARTER_HOUR
    return select(second, figure.event_type, figure.events, figure.visitors).where(
        figure.partner == partner,
        figure.quarter >= start // SECONDS_A_QUARTER_HOUR,
        figure.quarter < end // SECONDS_A_QUARTER_HOUR,
    )


def _day_slots(selection: Selection, start: int, end: int) -> Question:
    figure = DailyFigure
    first, last = (datetime.fromtimestamp(second, UTC).date() for second in (start, end))
    return (
        select(
            extract("epoch", figure.day),
            Combination.event_type,
            func.sum(figure.events),
            func.sum(figure.visitors),
        )
        .join(Combination, Combination.id == figure.combination_id)
        .where(figure.day >= first, figure.day < last, *selection.conditions)
        .group_by(figure.day, Combination.event_type)
    )


def _event_slots(selection: Selection, start: int, end: int, width: int) -> Question:
    since_epoch = extract("epoch", Event.timestamp)
    slot = func.floor(since_epoch / width) if is_postgresql() else since_epoch // width
    first, last = (datetime.fromtimestamp(second, UTC) for second in (start, end))
    return (
        select(
            (slot * width).label("second"),
            Event.event_type,
            func.count(),
            func.count().filter(Event.new_visitor),
        )
        .where(selected(selection), ~Event.is_bot, Event.timestamp >= first, Event.timestamp < last)
        .group_by("second", Event.event_type)
    )


@reading
def count_since(moment: datetime) -> int:
    """Return how many events that are no bot's were captured since `moment`."""
    counted = select(func.count()).select_from(Event).where(Event.timestamp >= moment, ~Event.is_bot)
    return reader().scalar(counted) or 0


@reading
def first_event_at() -> datetime | None:
    """Return the moment of the first event of all."""
    return reader().scalar(select(func.min(Event.timestamp)))


@reading
def has_events(selection: Selection) -> bool:
    """Whether any event that is no bot's belongs to `selection`."""
    found = _whole_days(selection, None).where(DailyFigure.events > 0)
    return bool(reader().scalar(select(exists(found))))


@reading
def is_known(partner: str) -> bool:
    """Whether any event that is no bot's counts for the id `partner`: strangers may ask this, so it is one look-up."""
    figure = QuarterHourFigure
    return bool(reader().scalar(select(exists().where(figure.partner == partner, figure.events > 0))))
