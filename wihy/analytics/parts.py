"""How a selection in a period is put together: whole UTC days from the daily figures, the edges from the events.

An edge longer than half a day is the whole day without the rest of it: the shorter part is counted.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Integer, Select, any_, cast, func, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from wihy.analytics.filters import Selection
from wihy.analytics.periods import Period
from wihy.core.database import is_postgresql
from wihy.core.replica import reader, reading
from wihy.tracking.models import Combination, DailyFigure, Event, EventType, QuarterHourFigure

DAY = timedelta(days=1)
FEW_FIGURES, FEW_EVENTS = 5_000, 20_000
COUNTS = ("events", "visitors", "bots")
OF_QUARTERS = (
    func.coalesce(func.sum(QuarterHourFigure.clicks), 0),
    func.coalesce(func.sum(QuarterHourFigure.conversions), 0),
    func.coalesce(func.sum(QuarterHourFigure.click_visitors + QuarterHourFigure.conversion_visitors), 0),
    func.coalesce(func.sum(QuarterHourFigure.click_bots + QuarterHourFigure.conversion_bots), 0),
)

Question = Select[*tuple[Any, ...]]


class Edge(NamedTuple):
    """Moments whose events are counted, and then added (`sign` 1) or taken away (-1)."""

    start: datetime
    end: datetime
    sign: int = 1


class Split(NamedTuple):
    """A period as UTC days (`first` up to, not including, `end`; none where equal), and how it differs from them."""

    first: date
    end: date
    edges: list[Edge]


def split(start: datetime, end: datetime) -> Split:
    """Return the UTC days nearest to a period, and the edges that make them equal to it."""
    first, last = start.astimezone(UTC).date(), end.astimezone(UTC).date()
    if first == last and end - start <= DAY / 2:
        return Split(first, first, [Edge(start, end)])
    edges = []
    if start - midnight(first) > DAY / 2:
        first += DAY
        edges.append(Edge(start, midnight(first)))
    elif midnight(first) < start:
        edges.append(Edge(midnight(first), start, -1))
    if end - midnight(last) > DAY / 2:
        last += DAY
        edges.append(Edge(end, midnight(last), -1))
    elif midnight(last) < end:
        edges.append(Edge(midnight(last), end))
    return Split(first, last, edges)


def midnight(day: date) -> datetime:
    """Return the moment at which `day` begins in UTC."""
    return datetime.combine(day, time(), UTC)


def clicks_and_conversions(
    event_type: ColumnElement[Any] | InstrumentedAttribute[str], events: ColumnElement[int]
) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """Return the sums of those of `events` that came in and that went out; without a type they came in."""
    clicks = func.sum(events).filter(event_type.is_distinct_from(EventType.OUTBOUND))
    conversions = func.sum(events).filter(event_type == EventType.OUTBOUND)
    return func.coalesce(clicks, 0), func.coalesce(conversions, 0)


def moments(period: Period | None) -> list[ColumnElement[bool]]:
    """Return the conditions on events that they lie in `period` (None: all time)."""
    return [] if period is None else [Event.timestamp >= period.start, Event.timestamp < period.end]


def selected(selection: Selection) -> ColumnElement[bool]:
    """Return the condition on events that they belong to `selection`."""
    if not (conditions := selection.conditions):
        return Event.combination_id.is_not(None)
    # + 0 hides the column's index, which is for what is rare: PostgreSQL guesses that any partner is
    return (Event.combination_id + 0).in_(select(Combination.id).where(*conditions))


def listed(column: InstrumentedAttribute[Any], selection: Selection) -> ColumnElement[bool]:
    """Return the condition that `column` holds a combination of `selection`, to be looked up in its index."""
    ids = select(Combination.id).where(*selection.conditions)
    if not is_postgresql():
        return column.in_(ids)
    # as an array: with a plain IN, PostgreSQL reads all rows of the days and throws most of them away
    return column == any_(func.array(ids.scalar_subquery(), type_=ARRAY(Integer)))


@reading
def is_rare(selection: Selection) -> bool:
    """Whether a selection has so few events that it is quickest to take them all, wherever they lie."""
    if not selection.conditions:
        return False
    figure = DailyFigure
    figures = select((figure.events + figure.bots).label("events"))
    first = figures.where(listed(figure.combination_id, selection)).limit(FEW_FIGURES).subquery()
    count, events = reader().execute(select(func.count(), func.sum(first.c.events)).select_from(first)).one()
    return count < FEW_FIGURES and (events or 0) <= FEW_EVENTS


def by_combination(selection: Selection, period: Period | None) -> Question:
    """Return a select of (combination_id, events, visitors, bots), a row for each combination that has any."""
    days = None if period is None else split(period.start, period.end)
    counted = whole_days(selection, days)
    if days and days.edges:
        counted = union_all(counted, *(count_edge(selection, edge) for edge in days.edges))  # type: ignore[assignment]
    found = counted.subquery()
    # a sum of sums would be of a type that is slow to read
    sums = {name: cast(func.sum(found.c[name]), BigInteger) for name in COUNTS}
    return (
        select(found.c.combination_id, *(sums[name].label(name) for name in COUNTS))
        .group_by(found.c.combination_id)
        .having(sums["events"] + sums["bots"] > 0)
    )


def whole_days(selection: Selection, days: Split | None) -> Question:
    """Return a select of (combination_id, events, visitors, bots) from the figures of `days` (None: of all)."""
    figure = DailyFigure
    statement = select(figure.combination_id, figure.events, figure.visitors, figure.bots)
    if selection.conditions:
        statement = statement.where(listed(figure.combination_id, selection))
    if days is not None:
        statement = statement.where(figure.day >= days.first, figure.day < days.end)
    return statement


def count_edge(selection: Selection, edge: Edge) -> Question:
    """Return a select of (combination_id, events, visitors, bots) from the events of `edge`, with its sign."""
    counts = {
        "events": func.count().filter(~Event.is_bot),
        "visitors": func.count().filter(Event.new_visitor & ~Event.is_bot),
        "bots": func.count().filter(Event.is_bot),
    }
    return (
        select(Event.combination_id, *((edge.sign * counts[name]).label(name) for name in COUNTS))
        .where(selected(selection), Event.timestamp >= edge.start, Event.timestamp < edge.end)
        .group_by(Event.combination_id)
    )
