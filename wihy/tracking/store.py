"""Storing captures: each event once, its visitor once a day, and the figures it counts in, all or nothing."""

import logging
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from wihy.core.database import is_postgresql, one_statement
from wihy.core.facts import announce
from wihy.tracking import write_postgresql, write_sqlite
from wihy.tracking.capture import Capture, Outcome
from wihy.tracking.entries import Entry
from wihy.tracking.facts import EventsStored, StoredEvent

logger = logging.getLogger(__name__)


def store(entries: Sequence[Entry], captures: int, rejected: int) -> set[UUID]:
    """Store those of `entries` whose id is new, in one transaction, and announce them; returns their ids.

    They came from so many `captures`; with so many `rejected` ones they are counted in the present hour.
    Raises `entries.Raced`, with nothing stored, where the same should be tried again.
    """
    write = write_postgresql.write if is_postgresql() else write_sqlite.write
    with one_statement() as connection:
        stored = write(connection, entries, captures, rejected)
        _announce(entries, stored)
    return set(stored)


def _announce(entries: Sequence[Entry], stored: Mapping[UUID, bool]) -> None:
    events = [
        StoredEvent(
            one.capture.id, one.capture.timestamp, *one.texts, one.capture.is_bot, stored[one.capture.id]
        )
        for one in entries
        if one.capture.id in stored
    ]
    try:
        if events:
            announce(EventsStored(events))
    except (
        Exception
    ):  # they are stored: a push that fails must not make an error of it, nor duplicates of a retry
        logger.exception("what follows stored events failed")


def outcomes_of(captures: Sequence[Capture], stored: Collection[UUID]) -> list[Outcome]:
    """Return what became of each of `captures` when the ids `stored` were new: of several with one, the first was."""
    waiting = set(stored)
    outcomes = []
    for capture in captures:
        is_new = capture.id in waiting
        waiting.discard(capture.id)
        outcomes.append(Outcome(capture.id, is_bot=is_new and capture.is_bot, is_duplicate=not is_new))
    return outcomes
