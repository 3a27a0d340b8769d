"""Writing a batch on SQLite: a few statements of one transaction, which is the only writer.

They go to the driver as they are, for what SQLAlchemy does to each row costs more than SQLite's own work on it. So
values are written here in the forms its types read: ids as 32 hexadecimal digits, moments and days as text.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC
from typing import Any
from uuid import UUID

from sqlalchemy.pool import PoolProxiedConnection

from wihy.core.clock import now
from wihy.tracking.entries import Entry
from wihy.tracking.hours import slot

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
KNOWN = "SELECT id FROM tracking_events WHERE id IN (SELECT value FROM json_each(?))"
NEW_VISITOR = "INSERT INTO daily_visitors (day, hash) VALUES (?, ?) ON CONFLICT DO NOTHING"
EVENT = f"INSERT INTO tracking_events ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"  # nosec B608
SUMS = ", ".join(f"{name} = {name} + excluded.{name}" for name in ("events", "visitors", "bots"))
BY_DAY = (
    "INSERT INTO daily_figures (day, combination_id, events, visitors, bots) VALUES (?, ?, ?, ?, ?) "
    f"ON CONFLICT (day, combination_id) DO UPDATE SET {SUMS}"
)
BY_QUARTER = (
    "INSERT INTO quarter_hour_figures (partner, quarter, event_type, events, visitors, bots) "
    f"VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (partner, quarter, event_type) DO UPDATE SET {SUMS}"
)

BY_HOUR = (
    "INSERT INTO capture_hours (hour, slot, stored, duplicate, rejected) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (hour, slot) DO UPDATE SET stored = stored + excluded.stored, "
    "duplicate = duplicate + excluded.duplicate, rejected = rejected + excluded.rejected"
)


def write(
    connection: PoolProxiedConnection, entries: Sequence[Entry], captures: int, rejected: int
) -> dict[UUID, bool]:
    """Write those of `entries` (ordered by id, no id twice) that are new; returns by id who brought a new visitor.

    They came from so many `captures`: those that are not new are the hour's duplicates, beside so many `rejected`.
    """
    cursor: Any = connection.cursor()
    known = {row[0] for row in cursor.execute(KNOWN, [json.dumps([_id(entry) for entry in entries])])}
    fresh = [entry for entry in entries if _id(entry) not in known]
    newcomers = _newcomers(cursor, fresh)
    cursor.executemany(EVENT, (_row(entry, entry.capture.id in newcomers) for entry in fresh))
    counted = [(entry, _counts(entry, newcomers)) for entry in fresh]
    cursor.executemany(
        BY_DAY, _summed(((entry.day.isoformat(), entry.combination_id), counts) for entry, counts in counted)
    )
    cursor.executemany(
        BY_QUARTER,
        _summed(
            ((partner, entry.quarter, entry.capture.event_type.value), counts)
            for entry, counts in counted
            for partner in (entry.partner, ALL_PARTNERS)
        ),
    )
    hour = now().strftime("%Y-%m-%d %H:00:00.000000")
    cursor.execute(BY_HOUR, (hour, slot(), len(fresh), captures - len(fresh), rejected))
    return {entry.capture.id: entry.capture.id in newcomers for entry in fresh}


def _newcomers(cursor: Any, entries: Iterable[Entry]) -> set[UUID]:
    """Store visitors not yet seen on their day; returns the ids of the events that came first of each."""
    newcomers = set()
    for entry in sorted(entries, key=lambda entry: (entry.capture.timestamp, entry.capture.id.int)):
        if entry.visitor is not None:
            cursor.execute(NEW_VISITOR, (entry.day.isoformat(), entry.visitor))
            if cursor.rowcount:
                newcomers.add(entry.capture.id)
    return newcomers


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


def _counts(entry: Entry, newcomers: set[UUID]) -> tuple[int, int, int]:
    is_bot = entry.capture.is_bot
    return int(not is_bot), int(entry.capture.id in newcomers), int(is_bot)


def _summed(
    counted: Iterable[tuple[tuple[Any, ...], tuple[int, int, int]]],
) -> Iterable[tuple[Any, ...]]:
    """Return a row for each key of `counted`, with the sums of its counts."""
    sums: dict[tuple[Any, ...], list[int]] = {}
    for key, counts in counted:
        found = sums.setdefault(key, [0, 0, 0])
        for place, count in enumerate(counts):
            found[place] += count
    return ((*key, *found) for key, found in sums.items())
