"""Proving and repairing the figures: a recount of the events, a day at a time."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, case, delete, extract, func, insert, literal, select, text

from wihy.core.database import db, is_postgresql
from wihy.tracking.entries import QUARTER_HOUR_COUNTS, QUARTER_HOUR_SECONDS
from wihy.tracking.models import Combination, DailyFigure, Event, EventType, QuarterHourFigure
from wihy.tracking.write_sqlite import ALL_PARTNERS

QUARTERS_A_DAY = 96
DAY = timedelta(days=1)


class Difference(NamedTuple):
    """Rows that a recount finds otherwise: in the daily figures, and in those of quarter hours."""

    daily: int
    quarters: int


def days_with_events() -> Iterator[date]:
    """Yield every UTC day from the oldest event to the newest, or the newest figure."""
    oldest, newest = db.session.execute(select(func.min(Event.timestamp), func.max(Event.timestamp))).one()
    if oldest is None:
        return
    latest_figure = db.session.scalar(select(func.max(DailyFigure.day))) or oldest.date()
    for ordinal in range(oldest.toordinal(), max(newest.date(), latest_figure).toordinal() + 1):
        yield date.fromordinal(ordinal)


def check_day(day: date) -> Difference:
    """Return how many rows of `day` (UTC) differ from a recount. The caller's transaction holds captures up."""
    _hold_captures_up()
    daily = _difference(_recounted_by_day(day), select(DailyFigure).where(DailyFigure.day == day))
    quarters = _difference(_recounted_by_quarter(day), select(QuarterHourFigure).where(_quarters_of(day)))
    return Difference(daily, quarters)


def rebuild_day(day: date) -> None:
    """Count `day` (UTC) anew (flushed). The caller's transaction holds captures up."""
    _hold_captures_up()
    db.session.execute(delete(DailyFigure).where(DailyFigure.day == day))
    db.session.execute(delete(QuarterHourFigure).where(_quarters_of(day)))
    daily = ["day", "combination_id", "events", "visitors", "bots"]
    db.session.execute(insert(DailyFigure).from_select(daily, _recounted_by_day(day)))
    quarters = ["partner", "quarter", *QUARTER_HOUR_COUNTS]
    db.session.execute(insert(QuarterHourFigure).from_select(quarters, _recounted_by_quarter(day)))


def _hold_captures_up() -> None:
    """Let no capture count meanwhile (SQLite has one writer anyway)."""
    if is_postgresql():
        db.session.execute(text("SET LOCAL statement_timeout = 0"))
        db.session.execute(text("LOCK TABLE daily_figures, quarter_hour_figures IN EXCLUSIVE MODE"))


def _recounted_by_day(day: date) -> Select[*tuple[Any, ...]]:
    return (
        select(literal(day, DailyFigure.day.type), Event.combination_id, *_counts())
        .where(_moments_of(day), Event.combination_id.is_not(None))
        .group_by(Event.combination_id)
    )


def _recounted_by_quarter(day: date) -> Any:
    is_click = Combination.event_type == EventType.INBOUND
    partner = case((is_click, Combination.referrer), else_=Combination.original_source)
    counts = zip(QUARTER_HOUR_COUNTS, (*_counts(is_click), *_counts(~is_click)), strict=True)
    counted = (
        select(
            partner.label("partner"),
            _quarter().label("quarter"),
            *(count.label(name) for name, count in counts),
        )
        .join(Combination, Combination.id == Event.combination_id)
        .where(_moments_of(day))
        .group_by("quarter", "partner")
        .cte("counted")
    )
    sums = (func.sum(counted.c[name]) for name in QUARTER_HOUR_COUNTS)
    of_all = select(literal(ALL_PARTNERS), counted.c.quarter, *sums).group_by(counted.c.quarter)
    return select(counted).union_all(of_all)


def _counts(*among: ColumnElement[bool]) -> tuple[ColumnElement[int], ...]:
    """Return how many events, first ones of visitors, and events of bots there are, all or `among` some."""
    return (
        func.count().filter(~Event.is_bot, *among),
        func.count().filter(Event.new_visitor & ~Event.is_bot, *among),
        func.count().filter(Event.is_bot, *among),
    )


def _quarter() -> ColumnElement[int]:
    since_epoch = extract("epoch", Event.timestamp)
    if is_postgresql():
        return func.floor(since_epoch / QUARTER_HOUR_SECONDS)
    return since_epoch // QUARTER_HOUR_SECONDS


def _moments_of(day: date) -> ColumnElement[bool]:
    start = datetime.combine(day, time(), UTC)
    return (Event.timestamp >= start) & (Event.timestamp < start + DAY)


def _quarters_of(day: date) -> ColumnElement[bool]:
    first = int(datetime.combine(day, time(), UTC).timestamp()) // QUARTER_HOUR_SECONDS
    return QuarterHourFigure.quarter.between(first, first + QUARTERS_A_DAY - 1)


def _difference(recounted: Any, stored: Select[Any]) -> int:
    """Return how many rows stand in one and not in the other."""
    model = next(iter(stored.column_descriptions))["entity"]
    rows = db.session.execute(stored.with_only_columns(*model.__table__.c))
    return len(_rows(db.session.execute(recounted)) ^ _rows(rows))


def _rows(result: Any) -> set[tuple[Any, ...]]:
    return {tuple(_plain(value) for value in row) for row in result}


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | date) else int(value)
