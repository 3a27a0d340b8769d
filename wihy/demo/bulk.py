"""Loading a crowd: millions of clicks in minutes, in the form captures would have left.

Pages that are open hear nothing of it: this is history.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any, NamedTuple, TypeVar, cast
from uuid import UUID

from sqlalchemy import Table, func, insert, select, text

from wihy.core.database import db, is_postgresql, transaction
from wihy.core.settings import settings
from wihy.demo.crowd import Click, Crowd
from wihy.demo.loading import has_events
from wihy.tracking.combinations import combinations_of
from wihy.tracking.entries import texts_of
from wihy.tracking.figures import rebuild_day
from wihy.tracking.hours import enter_lacking
from wihy.tracking.models import (
    Combination,
    DailyFigure,
    DailyVisitor,
    Event,
    QuarterHourFigure,
)

AT_ONCE = 5_000
NULL = "\\N"
VISITORS_KEPT_DAYS = 8  # older ones are forgotten, as they are of real captures
EVENTS, VISITORS = (cast(Table, model.__table__) for model in (Event, DailyVisitor))
COUNTED = (Event, Combination, DailyFigure, QuarterHourFigure, DailyVisitor)
COPIED = (
    "id, referrer, campaign, landing_page, original_source, destination_url, event_type, timestamp, user_agent, "
    "ip_address, session_id, combination_id, is_bot, new_visitor"
)

Item = TypeVar("Item")


class Day(NamedTuple):
    """A day's clicks, and for each way of the crowd that they took, the row of its combination."""

    day: date
    clicks: list[Click]
    crowd: Crowd
    combinations: dict[int, int]


def load(count: int, seed: int, end: datetime) -> Iterator[tuple[date, int]]:
    """Store `count` clicks that end at `end`, all or none; yields each day and how many it has. Counts no figures."""
    crowd = Crowd(count, seed, end)
    with transaction(may_take_long=True), _quickly():
        for day, clicks in crowd.days():
            found = Day(day, clicks, crowd, _combinations(crowd, {click.way for click in clicks}))
            (_copy if is_postgresql() else _insert)(found, (end.date() - day).days <= VISITORS_KEPT_DAYS)
            yield day, len(clicks)


def count_figures(days: Iterable[date]) -> Iterator[date]:
    """Count the figures of `days`, as `figures rebuild` does; yields each day that is done."""
    for day in days:
        with transaction(may_take_long=True):
            rebuild_day(day)
        yield day
    with transaction(may_take_long=True):
        enter_lacking()


def row_counts() -> dict[str, int]:
    """Return how many rows the tables hold."""
    return {
        model.__tablename__: db.session.scalar(select(func.count()).select_from(model)) or 0
        for model in COUNTED
    }


@contextmanager
def _quickly() -> Iterator[None]:
    """On PostgreSQL, make the indexes of a table that was empty when it is full: each click would pay for them."""
    if not is_postgresql():
        yield
        return
    connection = db.session.connection()
    connection.execute(text("SET LOCAL statement_timeout = 0; SET LOCAL maintenance_work_mem = '512MB'"))
    indexes = [] if has_events() else sorted(EVENTS.indexes, key=lambda index: str(index.name))
    for index in indexes:
        index.drop(connection)
    yield
    for index in indexes:
        index.create(connection)
    for table in (EVENTS, VISITORS):
        connection.execute(text(f"ANALYZE {table.name}"))


def _combinations(crowd: Crowd, places: set[int]) -> dict[int, int]:
    texts = {place: texts_of(_Sent(*crowd.ways[place][:6]), settings().site_url) for place in places}
    found = combinations_of(set(texts.values()))
    return {place: found[its_texts][0] for place, its_texts in texts.items()}


class _Sent(NamedTuple):
    referrer: str
    campaign: str
    landing_page: str
    original_source: str
    destination_url: str | None
    event_type: str
    link_slug: str | None = None


def _insert(found: Day, keeps_visitors: bool) -> None:
    midnight = datetime.combine(found.day, time(), UTC)
    for clicks in _chunks(found.clicks):
        db.session.execute(insert(EVENTS), [_row(found, midnight, click) for click in clicks])
        visitors = [{"day": found.day, "hash": click.visitor.hash} for click in clicks if click.new_visitor]
        if keeps_visitors and visitors:
            db.session.execute(insert(VISITORS), visitors)


def _row(found: Day, midnight: datetime, click: Click) -> dict[str, Any]:
    way = found.crowd.ways[click.way]
    return {
        "id": UUID(click.id),
        "referrer": way.referrer,
        "campaign": way.campaign,
        "landing_page": click.landing_page,
        "original_source": way.original_source,
        "destination_url": way.destination_url,
        "event_type": way.event_type,
        "timestamp": midnight + timedelta(milliseconds=click.at),
        "user_agent": click.visitor.user_agent,
        "ip_address": click.visitor.address,
        "session_id": click.session_id,
        "combination_id": found.combinations[click.way],
        "is_bot": click.is_bot,
        "new_visitor": click.new_visitor,
    }


def _copy(found: Day, keeps_visitors: bool) -> None:
    cursor: Any = db.session.connection().connection.cursor()
    line = _line_of(found)
    cursor.copy_expert(f"COPY {EVENTS.name} ({COPIED}) FROM STDIN", _Lines(map(line, found.clicks)))
    if keeps_visitors:
        hashes = (click.visitor.hash.hex() for click in found.clicks if click.new_visitor)
        lines = (f"{found.day}\t\\\\x{digest}\n" for digest in hashes)
        cursor.copy_expert(f"COPY {VISITORS.name} (day, hash) FROM STDIN", _Lines(lines))


def _line_of(found: Day) -> Callable[[Click], str]:
    """Return what writes a click of the day as `COPY` takes it; the sample's texts need no escape."""
    starts, middles, ends = {}, {}, {}
    for place, combination_id in found.combinations.items():
        way = found.crowd.ways[place]
        starts[place] = f"{way.referrer}\t{way.campaign}\t"
        middles[place] = (
            f"{way.original_source}\t{way.destination_url or NULL}\t{way.event_type}\t{found.day} "
        )
        ends[place] = f"\t{combination_id}\t"

    def line(click: Click) -> str:
        place, visitor = click.way, click.visitor
        minutes, milliseconds = divmod(click.at, 60_000)
        hour, minute = divmod(minutes, 60)
        return (
            f"{click.id}\t{starts[place]}{click.landing_page}\t{middles[place]}"
            f"{hour:02}:{minute:02}:{milliseconds // 1000:02}.{milliseconds % 1000:03}+00\t"
            f"{visitor.user_agent}\t{visitor.address}\t{click.session_id or NULL}{ends[place]}"
            f"{click.is_bot:d}\t{click.new_visitor:d}\n"
        )

    return line


class _Lines:
    """A file of `lines` that are made while they are read, so that the database works meanwhile."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._chunks = map("".join, _chunks(lines))

    def read(self, _size: int) -> str:
        """Return the next lines; none at the end."""
        return next(self._chunks, "")


def _chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    rest = iter(items)
    while chunk := list(islice(rest, AT_ONCE)):
        yield chunk
