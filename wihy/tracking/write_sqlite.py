"""Writing a batch on SQLite: a few statements of one transaction, which is the only writer."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import insert, inspect, select
from sqlalchemy.dialects import sqlite

from wihy.core.database import Base, db, insert_new
from wihy.tracking.entries import Entry
from wihy.tracking.models import DailyFigure, DailyVisitor, Event, QuarterHourFigure

ALL_PARTNERS = ""
Counted = tuple[int, int, int]


def write(entries: Sequence[Entry]) -> dict[UUID, bool]:
    """Write those of `entries` (ordered by id, no id twice) that are new; returns by id who brought a new visitor."""
    ids = [entry.capture.id for entry in entries]
    known = set(db.session.scalars(select(Event.id).where(Event.id.in_(ids))))
    fresh = [entry for entry in entries if entry.capture.id not in known]
    if not fresh:
        return {}
    newcomers = _newcomers(fresh)
    db.session.execute(insert(Event), [_row(entry, entry.capture.id in newcomers) for entry in fresh])
    _count(DailyFigure, ((_by_day(entry), _counts(entry, newcomers)) for entry in fresh))
    _count(
        QuarterHourFigure,
        (
            (_by_quarter(entry, partner), _counts(entry, newcomers))
            for entry in fresh
            for partner in (entry.partner, ALL_PARTNERS)
        ),
    )
    return {entry.capture.id: entry.capture.id in newcomers for entry in fresh}


def _newcomers(entries: Sequence[Entry]) -> set[Any]:
    """Store visitors not yet seen on their day; returns the ids of the events that came first of each."""
    first: dict[tuple[Any, bytes], Entry] = {}
    for entry in sorted(entries, key=lambda entry: (entry.capture.timestamp, entry.capture.id)):
        if entry.visitor is not None:
            first.setdefault((entry.day, entry.visitor), entry)
    rows = [{"day": day, "hash": digest} for day, digest in sorted(first)]
    new = insert_new(DailyVisitor, rows, DailyVisitor.day, DailyVisitor.hash)
    return {first[day, bytes(digest)].capture.id for day, digest in new}


def _row(entry: Entry, new_visitor: bool) -> dict[str, Any]:
    capture = entry.capture
    return {
        "id": capture.id,
        "referrer": capture.referrer,
        "campaign": capture.campaign,
        "landing_page": capture.landing_page,
        "original_source": capture.original_source,
        "destination_url": capture.destination_url,
        "event_type": capture.event_type.value,
        "timestamp": capture.timestamp,
        "user_agent": capture.user_agent,
        "ip_address": entry.ip_address,
        "session_id": capture.session_id,
        "combination_id": entry.combination_id,
        "link_slug": capture.link_slug,
        "is_bot": capture.is_bot,
        "new_visitor": new_visitor,
    }


def _by_day(entry: Entry) -> tuple[Any, ...]:
    return (entry.day, entry.combination_id)


def _by_quarter(entry: Entry, partner: str) -> tuple[Any, ...]:
    return (partner, entry.quarter, entry.capture.event_type.value)


def _counts(entry: Entry, newcomers: set[Any]) -> Counted:
    is_bot = entry.capture.is_bot
    return int(not is_bot), int(entry.capture.id in newcomers), int(is_bot)


def _count(model: type[Base], counted: Iterable[tuple[tuple[Any, ...], Counted]]) -> None:
    """Add what was counted to the rows of `model`, whose key comes first."""
    sums: dict[tuple[Any, ...], Counter[str]] = {}
    for key, (events, visitors, bots) in counted:
        sums.setdefault(key, Counter()).update(events=events, visitors=visitors, bots=bots)
    columns = [column.name for column in inspect(model).primary_key]
    rows = [dict(zip(columns, key, strict=True)) | dict(figures) for key, figures in sums.items()]
    statement = sqlite.insert(model)
    table = model.__table__.c
    added = {name: table[name] + statement.excluded[name] for name in ("events", "visitors", "bots")}
    db.session.execute(statement.on_conflict_do_update(index_elements=columns, set_=added), rows)
