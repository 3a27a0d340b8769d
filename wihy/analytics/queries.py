"""Counting. What was written with the events is read: daily figures, and figures of quarter hours.

All of it equals a recount of the events (`tests/analytics/oracle.py`).
"""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime

from sqlalchemy import Executable, exists, func, select, union_all

from wihy.analytics.buckets import ALL_PARTNERS, SECONDS_A_QUARTER_HOUR
from wihy.analytics.figures import CountedCombination, Figures
from wihy.analytics.filters import Selection
from wihy.analytics.parts import (
    OF_QUARTERS,
    Edge,
    Question,
    by_combination,
    clicks_and_conversions,
    count_edge,
    whole_days,
)
from wihy.analytics.periods import Period
from wihy.analytics.texts import texts_of
from wihy.core.replica import reader, reading
from wihy.tracking.models import Combination, DailyFigure, Event, EventType, QuarterHourFigure


@reading
def count_combinations(selection: Selection, period: Period | None) -> Sequence[CountedCombination]:
    """Return how many events of each combination there are: all breakdowns follow from it."""
    rows = reader().execute(by_combination(selection, period)).all()
    texts = texts_of([row[0] for row in rows])
    return [CountedCombination(*texts[id_], events, visitors, bots) for id_, events, visitors, bots in rows]


@reading
def count_totals(selection: Selection, period: Period | None) -> Figures:
    """Return the sums of `selection`, which need no single combination."""
    if selection.is_of_one_partner_at_most:
        statement = _quarter_totals(selection, period)
    else:
        statement = _sums(by_combination(selection, period))
    figures = Figures()
    for counts in reader().execute(statement):
        figures.add(*map(int, counts))
    return figures


def _sums(counted: Question) -> Question:
    """Return a select of (clicks, conversions, visitors, bots) of counted combinations."""
    found = counted.subquery()
    both = clicks_and_conversions(Combination.event_type, found.c.events)
    rest = (func.coalesce(func.sum(found.c[name]), 0) for name in ("visitors", "bots"))
    return select(*both, *rest).join(found, found.c.combination_id == Combination.id)


def _quarter_totals(selection: Selection, period: Period | None) -> Executable:
    """Return the same from the quarter hours, and what is left around them from the events."""
    figure = QuarterHourFigure
    partner = figure.partner == (selection.partner or ALL_PARTNERS)
    quarters = select(*OF_QUARTERS).where(partner)
    if period is None:
        return quarters
    first = -(-period.start.timestamp() // SECONDS_A_QUARTER_HOUR)
    end = period.end.timestamp() // SECONDS_A_QUARTER_HOUR
    if first >= end:
        return _sums(count_edge(selection, Edge(period.start, period.end)))
    inner = [datetime.fromtimestamp(quarter * SECONDS_A_QUARTER_HOUR, UTC) for quarter in (first, end)]
    edges = [Edge(period.start, inner[0]), Edge(inner[1], period.end)]
    left = [_sums(count_edge(selection, edge)) for edge in edges if edge.start < edge.end]
    return union_all(quarters.where(figure.quarter >= int(first), figure.quarter < int(end)), *left)


@reading
def clicks_of_links(slugs: Collection[str]) -> dict[str, int]:
    """Return how many clicks came through each of the saved links `slugs`; those without any are left out."""
    clicks = (
        select(Combination.link_slug, func.sum(DailyFigure.events))
        .join(DailyFigure, DailyFigure.combination_id == Combination.id)
        .where(Combination.link_slug.in_(slugs), Combination.event_type == EventType.INBOUND)
        .group_by(Combination.link_slug)
    )
    return {slug: int(count) for slug, count in reader().execute(clicks) if slug}


@reading
def daily_clicks_of_links(slugs: Collection[str], start: date, end: date) -> dict[str, dict[date, int]]:
    """Return the clicks through each of the saved links `slugs` by UTC day, from `start` to before `end`."""
    clicks = (
        select(Combination.link_slug, DailyFigure.day, func.sum(DailyFigure.events))
        .join(DailyFigure, DailyFigure.combination_id == Combination.id)
        .where(Combination.link_slug.in_(slugs), Combination.event_type == EventType.INBOUND)
        .where(DailyFigure.day >= start, DailyFigure.day < end)
        .group_by(Combination.link_slug, DailyFigure.day)
    )
    found: dict[str, dict[date, int]] = {}
    for slug, day, count in reader().execute(clicks):
        found.setdefault(str(slug), {})[day] = int(count)
    return found


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
    found = whole_days(selection, None).where(DailyFigure.events > 0)
    return bool(reader().scalar(select(exists(found))))


@reading
def count_partners(partners: Collection[str]) -> dict[str, Figures]:
    """Return the sums of all time of each of `partners` (ids): what `partner=<id>` selects, in one query for all."""
    figure = QuarterHourFigure
    counted = select(figure.partner, *OF_QUARTERS).where(figure.partner.in_(partners))
    found = {partner: Figures() for partner in partners}
    for partner, *counts in reader().execute(counted.group_by(figure.partner)):
        found[partner].add(*map(int, counts))
    return found


@reading
def is_known(partner: str) -> bool:
    """Whether any event that is no bot's counts for the id `partner`: strangers may ask this, so it is one look-up."""
    figure = QuarterHourFigure
    counts = figure.clicks + figure.conversions > 0
    return bool(reader().scalar(select(exists().where(figure.partner == partner, counts))))
