"""Storing captures: each event once, its visitor once a day, and the figures it counts in, all or nothing."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from wihy.core.database import is_postgresql
from wihy.core.facts import announce
from wihy.tracking import write_postgresql, write_sqlite
from wihy.tracking.capture import Capture, Outcome
from wihy.tracking.entries import Entry, entries_of
from wihy.tracking.facts import EventsStored, StoredEvent


def store(captures: Sequence[Capture]) -> list[Outcome]:
    """Store those of `captures` whose id is new (flushed) and announce them; returns what became of each, in order.

    Raises `entries.Raced` where the whole should be tried again in a new transaction.
    """
    entries = entries_of(_first_of_each_id(captures))
    write = write_postgresql.write if is_postgresql() else write_sqlite.write
    written = write(entries)
    stored = {UUID(id_): new_visitor for id_, new_visitor in written.items()}
    _announce(entries, stored)
    return list(_outcomes(captures, set(stored)))


def _first_of_each_id(captures: Sequence[Capture]) -> list[Capture]:
    return list({capture.id: capture for capture in reversed(captures)}.values())


def _announce(entries: Sequence[Entry], stored: Mapping[UUID, bool]) -> None:
    events = [
        StoredEvent(
            one.capture.id, one.capture.timestamp, *one.texts, one.capture.is_bot, stored[one.capture.id]
        )
        for one in entries
        if one.capture.id in stored
    ]
    if events:
        announce(EventsStored(events))


def _outcomes(captures: Sequence[Capture], waiting: set[UUID]) -> Iterable[Outcome]:
    for capture in captures:
        is_new = capture.id in waiting
        waiting.discard(capture.id)
        yield Outcome(capture.id, is_bot=is_new and capture.is_bot, is_duplicate=not is_new)
