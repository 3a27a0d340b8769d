"""Series: the figures of each bucket of a chart.

Without filters, or of one partner, they come from the quarter hours, which every time zone's hours and days are made
of; where the buckets are UTC days, from the daily figures; else they are counted from the events.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from math import gcd

from sqlalchemy import (
    CTE,
    BigInteger,
    Integer,
    column,
    extract,
    func,
    literal,
    select,
    true,
    union_all,
    values,
)

from wihy.analytics.figures import Figures
from wihy.analytics.filters import Selection
from wihy.analytics.parts import (
    OF_QUARTERS,
    Question,
    clicks_and_conversions,
    is_rare,
    listed,
    selected,
    split,
    whole_days,
)
from wihy.analytics.periods import Bucket, Period
from wihy.core.columns import UtcDateTime
from wihy.core.database import is_postgresql
from wihy.core.replica import reader, reading
from wihy.tracking.models import Combination, DailyFigure, Event, QuarterHourFigure

SECONDS_A_DAY = 86_400
HALF_A_DAY = SECONDS_A_DAY // 2
SECONDS_A_QUARTER_HOUR = 900
ALL_PARTNERS = ""


@reading
def count_buckets(selection: Selection, period: Period, buckets: Sequence[Bucket]) -> list[Figures]:
    """Return the figures of each of `buckets`, the parts of `period`, ascending; bots are not counted."""
    figures = [Figures() for _ in buckets]
    if not buckets:
        return figures
    starts = [int(bucket.start.timestamp()) for bucket in buckets]
    end = int(period.end.timestamp())
    for second, *counts in reader().execute(_slots(selection, starts, end)):
        bucket = bisect_right(starts, int(second)) - 1
        figures[bucket].add(*map(int, counts))
    return figures


def _slots(selection: Selection, starts: Sequence[int], end: int) -> Question:
    """Return a select of (start as Unix seconds, clicks, conversions, visitors) in slots that fit the buckets."""
    width = gcd(SECONDS_A_DAY, end, *starts)
    if not width % SECONDS_A_QUARTER_HOUR and selection.is_of_one_partner_at_most:
        return _quarter_slots(selection.partner or ALL_PARTNERS, starts, end)
    by_type = _slots_by_type(selection, starts, end, width).subquery()
    both = clicks_and_conversions(by_type.c.event_type, by_type.c.events)
    return select(by_type.c.second, *both, func.sum(by_type.c.visitors)).group_by(by_type.c.second)


def _slots_by_type(selection: Selection, starts: Sequence[int], end: int, width: int) -> Question:
    """Return a select of (second, event type, events, visitors) in slots of `width` seconds, or that fit as well."""
    if width == SECONDS_A_DAY:
        return _day_slots(selection, starts[0], end)
    few = is_rare(selection)
    if (
        is_postgresql()
        and not few
        and all(later - one > HALF_A_DAY for one, later in pairwise((*starts, end)))
    ):
        return _near_day_slots(selection, (*starts, end))
    return _event_slots(selection, starts[0], end, width, few=few)


def _quarter_slots(partner: str, starts: Sequence[int], end: int) -> Question:
    figure = QuarterHourFigure
    start = starts[0]
    width = gcd(end - start, *(later - start for later in starts))
    first = start // SECONDS_A_QUARTER_HOUR
    slot = (figure.quarter - first) // (width // SECONDS_A_QUARTER_HOUR)
    clicks, conversions, visitors, _ = OF_QUARTERS
    return (
        select((slot * width + start).label("second"), clicks, conversions, visitors)
        .where(
            figure.partner == partner,
            figure.quarter >= first,
            figure.quarter < end // SECONDS_A_QUARTER_HOUR,
        )
        .group_by("second")
    )


def _day_slots(selection: Selection, start: int, end: int) -> Question:
    figure = DailyFigure
    first, last = (datetime.fromtimestamp(second, UTC).date() for second in (start, end))
    return (
        select(
            extract("epoch", figure.day).label("second"),
            Combination.event_type,
            func.sum(figure.events).label("events"),
            func.sum(figure.visitors).label("visitors"),
        )
        .join(Combination, Combination.id == figure.combination_id)
        .where(figure.day >= first, figure.day < last, listed(figure.combination_id, selection))
        .group_by(figure.day, Combination.event_type)
    )


def _near_day_slots(selection: Selection, bounds: Sequence[int]) -> Question:
    """Return the slots between `bounds`: the nearest UTC days, and what lies between their midnights and the bounds.

    A day counts at its noon, which lies in the same bucket. Events between a midnight and a bound are moved from one
    side of it to the other.
    """
    days, noon = split(_moment(bounds[0]), _moment(bounds[-1])), literal(HALF_A_DAY)
    figures = whole_days(selection, days).add_columns(DailyFigure.day).subquery()
    sums = (func.sum(figures.c[name]).label(name) for name in ("events", "visitors"))
    by_day = (
        select((extract("epoch", figures.c.day) + noon).label("second"), Combination.event_type, *sums)
        .join(Combination, Combination.id == figures.c.combination_id)
        .group_by(figures.c.day, Combination.event_type)
    )
    moved = _moved(selection, [bound for bound in bounds if bound % SECONDS_A_DAY])
    if moved is None:
        return by_day
    counts = (moved.c.events, moved.c.visitors)
    behind = select(moved.c.bound, moved.c.event_type, *counts).where(moved.c.bound < bounds[-1])
    before = select(moved.c.bound - 1, moved.c.event_type, *(-count for count in counts))
    return union_all(by_day, behind, before.where(moved.c.bound > bounds[0]))  # type: ignore[return-value]


def _moved(selection: Selection, bounds: Sequence[int]) -> CTE | None:
    """Return the events between each of `bounds` and its nearest midnight: as they count behind the bound."""
    if not bounds:
        return None
    windows = values(
        column("bound", BigInteger),
        column("start", UtcDateTime),
        column("stop", UtcDateTime),
        column("sign", Integer),
    )
    windows = windows.data([_window(bound) for bound in bounds]).alias("windows")
    counted = (
        select(
            Event.event_type,
            func.count().label("events"),
            func.count().filter(Event.new_visitor).label("visitors"),
        )
        .where(selected(selection), ~Event.is_bot)
        .where(Event.timestamp >= windows.c.start, Event.timestamp < windows.c.stop)
        .group_by(Event.event_type)
        .lateral("counted")
    )
    counts = ((windows.c.sign * counted.c[name]).label(name) for name in ("events", "visitors"))
    return select(windows.c.bound, counted.c.event_type, *counts).join(counted, true()).cte("moved")


def _window(bound: int) -> tuple[int, datetime, datetime, int]:
    since_midnight = bound % SECONDS_A_DAY
    if since_midnight > HALF_A_DAY:
        return bound, _moment(bound), _moment(bound - since_midnight + SECONDS_A_DAY), 1
    return bound, _moment(bound - since_midnight), _moment(bound), -1


def _moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def _event_slots(selection: Selection, start: int, end: int, width: int, *, few: bool) -> Question:
    since_epoch = extract("epoch", Event.timestamp)
    slot = func.floor(since_epoch / width) if is_postgresql() else since_epoch // width
    first, last = (datetime.fromtimestamp(second, UTC) for second in (start, end))
    return (
        select(
            (slot * width).label("second"),
            Event.event_type,
            func.count().label("events"),
            func.count().filter(Event.new_visitor).label("visitors"),
        )
        .where(
            listed(Event.combination_id, selection) if few else selected(selection),
            ~Event.is_bot,
            Event.timestamp >= first,
            Event.timestamp < last,
        )
        .group_by("second", Event.event_type)
    )
