"""Writing a batch on SQLite: a few statements of one transaction, which is the only writer.

They go to the driver as they are, for what SQLAlchemy does to each row costs more than SQLite's own work on it; so
values are written here in the forms its types read: ids as 32 hexadecimal digits, moments and days as text.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC
from typing import Any
from uuid import UUID

from sqlalchemy.pool import PoolProxiedConnection

from wihy.core.clock import now
from wihy.tracking.entries import QUARTER_HOUR_COUNTS, Entry
from wihy.tracking.hours import slot
from wihy.tracking.models import EventType

ALL_PARTNERS = ""
COLUMNS = (
    "id",
    "referrer",
    "campaign",
    "landing_page",
    "original_source",
    "destination_url",
    "event_type",
    "timestamp",
    "user_agent",
    "ip_address",
    "session_id",
    "combination_id",
    "link_slug",
    "is_bot",
    "new_visitor",
)


def _sums(*names: str) -> str:
    return ", ".join(f"{name} = {name} + excluded.{name}" for name in names)


KNOWN_EVENTS = "SELECT group_concat(id) FROM tracking_events WHERE id IN (VALUES {})"
KNOWN_VISITORS = "SELECT group_concat(day || hex(hash)) FROM daily_visitors WHERE (day, hash) IN (VALUES {})"
NEW_VISITORS = "INSERT INTO daily_visitors (day, hash) VALUES {}"
EVENTS = f"INSERT INTO tracking_events ({', '.join(COLUMNS)}) VALUES {{}}"  # nosec B608
BY_DAY = (
    "INSERT INTO daily_figures (day, combination_id, events, visitors, bots) VALUES {} "
    f"ON CONFLICT (day, combination_id) DO UPDATE SET {_sums('events', 'visitors', 'bots')}"
)
BY_QUARTER = (
    f"INSERT INTO quarter_hour_figures (partner, quarter, {', '.join(QUARTER_HOUR_COUNTS)}) VALUES {{}} "  # nosec B608
    f"ON CONFLICT (partner, quarter) DO UPDATE SET {_sums(*QUARTER_HOUR_COUNTS)}"
)
BY_HOUR = (
    "INSERT INTO capture_hours (hour, slot, stored, duplicate, rejected) VALUES {} "
    f"ON CONFLICT (hour, slot) DO UPDATE SET {_sums('stored', 'duplicate', 'rejected')}"
)
MOST_VALUES = 30_000  # SQLite takes 32,766 in one statement

Counts = tuple[int, ...]


def write(
    connection: PoolProxiedConnection, entries: Sequence[Entry], captures: int, rejected: int
) -> dict[UUID, bool]:
    """Write those of `entries` (ordered by id, no id twice) that are new; returns by id who brought a new visitor.

    They came from so many `captures`: those that are not new are the hour's duplicates, beside so many `rejected`.
    """
    cursor: Any = connection.cursor()
    known = _run(cursor, KNOWN_EVENTS, [(_id(entry),) for entry in entries])
    fresh = [entry for entry in entries if _id(entry) not in known]
    newcomers = _newcomers(cursor, fresh)
    _run(cursor, EVENTS, [_row(entry, entry.capture.id in newcomers) for entry in fresh])
    counted = [(entry, _counts(entry, newcomers)) for entry in fresh]
    by_day = (((entry.day.isoformat(), entry.combination_id), counts) for entry, counts in counted)
    by_quarter = (
        ((partner, entry.quarter), _by_type(entry, counts))
        for entry, counts in counted
        for partner in (entry.partner, ALL_PARTNERS)
    )
    _run(cursor, BY_DAY, _summed(by_day))
    _run(cursor, BY_QUARTER, _summed(by_quarter))
    hour = now().strftime("%Y-%m-%d %H:00:00.000000")
    _run(cursor, BY_HOUR, [(hour, slot(), len(fresh), captures - len(fresh), rejected)])
    return {entry.capture.id: entry.capture.id in newcomers for entry in fresh}


def _run(cursor: Any, statement: str, rows: Sequence[tuple[Any, ...]]) -> set[str]:
    """Run `statement` with `rows` in the place of its `{}`; returns the words of what it gives.

    All at once, and nothing given row by row: between any two steps the driver lets other threads run, and in a busy
    process it waits longer for its turn than a step takes.
    """
    words: set[str] = set()
    width = len(rows[0]) if rows else 1
    for start in range(0, len(rows), MOST_VALUES // width):
        chunk = rows[start : start + MOST_VALUES // width]
        marks = ",".join([f"({','.join('?' * width)})"] * len(chunk))
        cursor.execute(statement.format(marks), [value for row in chunk for value in row])
        found = cursor.fetchone()
        words.update(found[0].split(",") if found and found[0] else ())
    return words


def _newcomers(cursor: Any, entries: Iterable[Entry]) -> set[UUID]:
    """Store visitors not yet seen on their day; returns the ids of the events that came first of each."""
    first: dict[tuple[str, bytes], UUID] = {}
    for entry in sorted(entries, key=lambda entry: (entry.capture.timestamp, entry.capture.id.int)):
        if entry.visitor is not None:
            first.setdefault((entry.day.isoformat(), entry.visitor), entry.capture.id)
    known = _run(cursor, KNOWN_VISITORS, list(first))
    new = {who: id_ for who, id_ in first.items() if who[0] + who[1].hex().upper() not in known}
    _run(cursor, NEW_VISITORS, list(new))
    return set(new.values())


def _id(entry: Entry) -> str:
    return entry.capture.id.hex


def _row(entry: Entry, new_visitor: bool) -> tuple[Any, ...]:
    capture = entry.capture
    return (
        _id(entry),
        capture.referrer,
        capture.campaign,
        capture.landing_page,
        capture.original_source,
        capture.destination_url,
        capture.event_type.value,
        capture.timestamp.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f"),
        capture.user_agent,
        entry.ip_address,
        capture.session_id,
        entry.combination_id,
        capture.link_slug,
        capture.is_bot,
        new_visitor,
    )


def _counts(entry: Entry, newcomers: set[UUID]) -> Counts:
    is_bot = entry.capture.is_bot
    return int(not is_bot), int(entry.capture.id in newcomers), int(is_bot)


def _by_type(entry: Entry, counts: Counts) -> Counts:
    """Return `counts` in the places of clicks or of conversions."""
    nothing = (0,) * len(counts)
    is_click = entry.capture.event_type is EventType.INBOUND
    return (*counts, *nothing) if is_click else (*nothing, *counts)


def _summed(
    counted: Iterable[tuple[tuple[Any, ...], Counts]],
) -> list[tuple[Any, ...]]:
    """Return a row for each key of `counted`, with the sums of its counts."""
    sums: dict[tuple[Any, ...], list[int]] = {}
    for key, counts in counted:
        found = sums.setdefault(key, [0] * len(counts))
        for place, count in enumerate(counts):
            found[place] += count
    return [(*key, *found) for key, found in sums.items()]
