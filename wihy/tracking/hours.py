"""The table of hours: how many captures were stored, duplicates, or rejected, by the UTC hour of their arrival.

It outlives the processes whose books say the same, and the events, which may be deleted. Two things are provable: the
hours together have stored no fewer events than there are; and an event is captured at the earliest a few minutes before
its own time stamp, so the hours from any one on have stored no fewer than there are of the hours after it.
"""

import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple, cast
from zlib import crc32

from sqlalchemy import ColumnElement, Table, extract, func, select
from sqlalchemy.dialects import postgresql, sqlite

from wihy.core.clock import now
from wihy.core.database import db, is_postgresql
from wihy.tracking.models import CaptureHour, Event

HOUR_SECONDS = 3_600
SLOTS = 64  # rows an hour has at most


class Lack(NamedTuple):
    """So many `events` more than the hours from `since` on have stored."""

    since: datetime
    events: int


def slot() -> int:
    """Return the slot of this process, so that those of one host, and mostly all, write rows of their own."""
    return _slot_of(os.getpid())


@cache
def _slot_of(process: int) -> int:
    return (crc32(socket.gethostname().encode()) + process) % SLOTS


def enter(*, stored: int = 0, duplicate: int = 0, rejected: int = 0) -> None:
    """Add to the present hour (flushed)."""
    table = cast(Table, CaptureHour.__table__)
    dialect = postgresql if is_postgresql() else sqlite
    hour: Any = now().replace(minute=0, second=0, microsecond=0)
    if is_postgresql():  # one clock for all hosts
        hour = func.date_trunc("hour", func.now(), "UTC")
    counts = {"stored": stored, "duplicate": duplicate, "rejected": rejected}
    statement = dialect.insert(table).values(hour=hour, slot=slot(), **counts)
    sums = {name: table.c[name] + statement.excluded[name] for name in counts}
    db.session.execute(statement.on_conflict_do_update(index_elements=["hour", "slot"], set_=sums))


def lacks() -> list[Lack]:
    """Return, newest first, the hours from which on more events are there than were stored; none is as it should be."""
    there = [*_events_by_hour()]  # first: what is captured meanwhile can only add to the hours
    by_hour = select(CaptureHour.hour, func.sum(CaptureHour.stored)).group_by(CaptureHour.hour)
    stored = {_number(hour): int(count) for hour, count in db.session.execute(by_hour)}
    newest = max(stored, default=0)
    events: dict[int, int] = {}
    for hour, count in there:  # a time stamp may be a little ahead, or anywhere where others wrote it
        earliest = min(hour - 1, newest)
        events[earliest] = events.get(earliest, 0) + count
    return list(_shortfalls(stored, events))


def enter_lacking() -> int:
    """Count as stored in the present hour (flushed) what events there are that the hours lack; returns how many."""
    lacking = max((lack.events for lack in lacks()), default=0)
    if lacking:
        enter(stored=lacking)
    return lacking


def _shortfalls(stored: dict[int, int], events: dict[int, int]) -> Iterator[Lack]:
    entered = there = 0
    for hour in sorted(stored.keys() | events.keys(), reverse=True):
        entered += stored.get(hour, 0)
        there += events.get(hour, 0)
        if there > entered:
            yield Lack(datetime.fromtimestamp(hour * HOUR_SECONDS, UTC), there - entered)


def _events_by_hour() -> Iterator[tuple[int, int]]:
    """Yield the number of hours since 1970 and how many events are of it, without those that others wrote."""
    hour = _hour().label("hour")
    counted = select(hour, func.count()).where(Event.combination_id.is_not(None)).group_by(hour)
    yield from ((int(number), count) for number, count in db.session.execute(counted))


def _hour() -> ColumnElement[int]:
    since_epoch = extract("epoch", Event.timestamp)
    return func.floor(since_epoch / HOUR_SECONDS) if is_postgresql() else since_epoch // HOUR_SECONDS


def _number(hour: datetime) -> int:
    return int(hour.timestamp()) // HOUR_SECONDS
