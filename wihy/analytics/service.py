"""Every figure on a dashboard. Reads only.

A figure is asked for with a `Selection` (which events) and a `Period` (when; None: all time). What these
functions read it from, the events themselves, is their own business.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from wihy.analytics import periods
from wihy.analytics.buckets import count_buckets
from wihy.analytics.events import (
    Activity,
    ListedEvent,
    every_event,
    list_activity,
    list_events,
)
from wihy.analytics.figures import (
    Breakdown,
    CountedCombination,
    Figures,
    Metric,
    Row,
    ranked,
    total,
)
from wihy.analytics.filters import Dimension, Filters, Range, Selection
from wihy.analytics.periods import Comparison, Period, Step, compared, up_to
from wihy.analytics.presets import PARTNER_PRESETS, PRESETS, Preset
from wihy.analytics.queries import (
    clicks_of_links,
    count_combinations,
    count_partners,
    count_since,
    count_totals,
    daily_clicks_of_links,
    first_event_at,
    has_events,
    is_known,
)
from wihy.analytics.shown import chart_of, tiles_of
from wihy.core.clock import now
from wihy.core.replica import reading

__all__ = [  # what other rooms use; they import from here alone
    "PARTNER_PRESETS",
    "PRESETS",
    "Activity",
    "Breakdown",
    "Comparison",
    "CountedCombination",
    "Dimension",
    "Figures",
    "Filters",
    "ListedEvent",
    "Metric",
    "Overview",
    "Period",
    "Point",
    "Preset",
    "Range",
    "Row",
    "Selection",
    "Step",
    "breakdown",
    "chart_of",
    "clicks_by_day",
    "clicks_of_links",
    "compared",
    "count_combinations",
    "count_partners",
    "count_since",
    "daily_clicks_of_links",
    "default_period",
    "every_event",
    "has_events",
    "is_known",
    "list_activity",
    "list_events",
    "overview",
    "period_of",
    "ranked",
    "series",
    "since_first_event",
    "tiles_of",
    "total",
    "totals",
    "up_to",
]

TOP = 100
RECENT = 20


class Point(NamedTuple):
    """The figures of one bucket of a series; `at` is its start on the zone's clocks."""

    at: datetime
    figures: Figures


@dataclass(frozen=True, slots=True)
class Overview:
    """A dashboard's figures: `counted` is what totals and all breakdowns follow from."""

    counted: Sequence[CountedCombination]
    totals: Figures
    previous: Figures | None
    series: list[Point]
    recent: list[ListedEvent]

    def top(self, dimension: Dimension) -> list[Row]:
        """Return the first 100 lines of a breakdown, most events first."""
        return ranked(dimension, self.counted)[:TOP]


def period_of(asked: Range) -> Period | None:
    """Return the period that `asked` names, None for all time."""
    only_to = asked.to is not None and asked.from_ is None
    return asked.resolve(now(), first_event_at() if only_to else None)


def default_period(zone: ZoneInfo) -> Period:
    """Return the last 30 days: what series show where no range is asked for."""
    return periods.last_days(periods.DEFAULT_DAYS, zone, now())


def since_first_event(zone: ZoneInfo) -> Period:
    """Return the days from the first event to today: all time as a chart can show it."""
    today = periods.today(zone, now())
    first = periods.today(zone, first_event_at() or now())
    return periods.days(min(first, today), today, zone)


@reading
def overview(
    selection: Selection, period: Period | None, zone: ZoneInfo, comparison: Comparison | None = None
) -> Overview:
    """Return the figures of `selection`; `previous` is None without a period or a comparison."""
    counted = count_combinations(selection, period)
    before = compared(period, comparison) if period and comparison else None
    return Overview(
        counted,
        totals=total(counted),
        previous=totals(selection, before) if before else None,
        series=series(selection, period or default_period(zone)),
        recent=list_events(selection, period, limit=RECENT).events,
    )


def totals(selection: Selection, period: Period | None) -> Figures:
    """Return the sums of `selection`, with the known bots left out of them."""
    return count_totals(selection, period)


def series(selection: Selection, period: Period, step: Step | None = None) -> list[Point]:
    """Return the figures over time, ascending, zeros included; `step` overrules the period's own."""
    buckets = period.buckets(step)
    counted = count_buckets(selection, period, buckets)
    return [
        Point(bucket.start.astimezone(period.zone), found)
        for bucket, found in zip(buckets, counted, strict=True)
    ]


def clicks_by_day(selection: Selection, period: Period) -> list[tuple[date, int]]:
    """Return the clicks of each day, newest first, zeros included."""
    points = series(selection, period, Step.DAY)
    return [(point.at.date(), point.figures.clicks) for point in reversed(points)]


def breakdown(
    selection: Selection,
    period: Period | None,
    dimension: Dimension,
    *,
    metric: Metric = Metric.EVENTS,
    search: str = "",
    offset: int = 0,
    limit: int = TOP,
    all_names: bool = False,
) -> Breakdown:
    """Return lines of `dimension` sorted by `metric`, most first, and how many lines there are.

    `all_names` leaves the dimension's own filter out, so that the names beside the chosen one stay; `search`
    keeps names that contain it, in capitals or not.
    """
    counted = count_combinations(selection.without(dimension) if all_names else selection, period)
    found = ranked(dimension, counted, metric)
    if search:
        found = [row for row in found if search.casefold() in row.name.casefold()]
    return Breakdown(found[offset : offset + limit], len(found))
