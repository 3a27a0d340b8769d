"""Group commit: requests hand their captures to one writer, which commits what waits in one transaction.

A commit waits for the disk. Shared by all that came in meanwhile it costs each a fraction, and nobody is answered
before it. (Helland et al., "Group Commit Timers and High Volume Transaction Systems", 1987.)
"""

import atexit
import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from weakref import WeakSet

from flask import Flask, current_app
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from wihy.core.database import transaction
from wihy.core.errors import Unavailable
from wihy.core.waiting import Wait, begin_waiting, wake
from wihy.tracking.book_figures import BATCH
from wihy.tracking.books import (
    OLDEST_SINCE,
    ROWS_WAITING,
    STORED_UNACKNOWLEDGED,
    Books,
    QueueFull,
    TookTooLong,
    books,
)
from wihy.tracking.capture import Capture, Outcome
from wihy.tracking.entries import Raced, entries_of
from wihy.tracking.hours import enter
from wihy.tracking.store import outcomes_of, store

logger = logging.getLogger(__name__)

MOST_ROWS_IN_BATCH = 1_000
MOST_ROWS_WAITING = 20_000
PATIENCE_SECONDS = 10.0
IDLE_SECONDS = 5.0
GATHER_SECONDS = 0.0005
TRIES = 3


@dataclass(slots=True)
class Waiter:
    """One request's captures on their way; its wait ends when `outcomes` or `error` stands."""

    captures: Sequence[Capture]
    wait: Wait = field(default_factory=begin_waiting)
    outcomes: list[Outcome] | None = None
    error: BaseException | None = None
    since: float = field(default_factory=time.monotonic)
    is_released: bool = False
    has_given_up: bool = False


class GroupCommit:
    """One writer of an application in this process, with a queue of bounded length before it."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._queue: deque[Waiter] = deque()
        self._guard = threading.Lock()
        self._enough = threading.Semaphore(0)  # released once as many wait as the writer waits for
        self._wanted = 0
        self._rows = 0
        self._writer: threading.Thread | None = None
        self._is_nudged = self._is_closing = False
        self._books: Books = app.extensions["books"]
        _all.add(self)

    @property
    def rows_waiting(self) -> int:
        """How many captures are in the queue or being written."""
        return self._rows

    def store(self, captures: Sequence[Capture], patience_seconds: float | None = None) -> list[Outcome]:
        """Return what became of `captures` once they are durably committed, all in one transaction.

        Raises `Unavailable` where the queue is full, the store cannot be reached, or it takes too long: then they may
        still be stored, and sending them again with the same ids is safe.
        """
        waiter = Waiter(captures)
        self._enqueue(waiter)
        patience = PATIENCE_SECONDS if patience_seconds is None else patience_seconds
        if not waiter.wait.until(patience) and self._gives_up(waiter):
            raise TookTooLong
        if waiter.outcomes is None:
            raise waiter.error or Unavailable
        return waiter.outcomes

    def nudge(self) -> None:
        """Have the rejected captures that wait counted, with the next batch or, where there is none, alone."""
        if not self._is_nudged:
            self._is_nudged = True
            with suppress(Unavailable):  # no writer can be had: the next batch counts them
                self._enqueue(Waiter(()))

    def close(self) -> None:
        """Count the rejected captures that wait, now and for the last time: the process ends."""
        self._is_closing = True
        if self._books.rejected_waiting():
            with self._app.app_context(), suppress(SQLAlchemyError, Unavailable):
                commit([])

    def _gives_up(self, waiter: Waiter) -> bool:
        """Whether `waiter` was not released in the last moment; from now on nobody reads its outcomes."""
        with self._guard:
            waiter.has_given_up = not waiter.is_released
            return waiter.has_given_up

    def _enqueue(self, waiter: Waiter) -> None:
        with self._guard:
            if waiter.captures and self._rows + len(waiter.captures) > MOST_ROWS_WAITING:
                raise QueueFull("Too many captures are waiting, try again shortly")
            if self._writer is None:
                self._writer = self._start_writer()
            self._rows += len(waiter.captures)
            self._books.counts.add((ROWS_WAITING, len(waiter.captures)))
            self._queue.append(waiter)
            if self._wanted and len(self._queue) >= self._wanted:
                self._wanted = 0
                self._enough.release()

    def _start_writer(self) -> threading.Thread:
        writer = threading.Thread(target=self._write, name="group commit", daemon=True)
        try:
            writer.start()
        except RuntimeError:  # there are too many threads: with nobody to write it, nothing may wait
            raise Unavailable from None
        return writer

    def _write(self) -> None:
        """Write what waits until nothing came for a while; the next capture starts another writer."""
        with self._app.app_context():
            answered = 0
            while batch := self._next_batch(answered):
                self._is_nudged = False
                self._books.counts.put(OLDEST_SINCE, _milliseconds(batch[0].since))
                self._commit(batch)
                self._release(batch)
                answered = len(batch)

    def _next_batch(self, answered: int) -> list[Waiter]:
        """Return the next waiters together, at most so many rows unless the first alone has more.

        Those `answered` just now come again: a moment's patience lets them go together, for a batch of a few costs as
        much as one of many.
        """
        if answered > 1:
            self._wait_for(answered, GATHER_SECONDS)
        if not self._wait_for(1, IDLE_SECONDS):
            return self._retire()
        with self._guard:
            batch = [self._queue.popleft()]
            rows = len(batch[0].captures)
            while self._queue and rows < MOST_ROWS_IN_BATCH:
                batch.append(self._queue.popleft())
                rows += len(batch[-1].captures)
        return batch

    def _wait_for(self, waiters: int, seconds: float) -> bool:
        """Wait until so many wait in the queue, for `seconds` at most; returns whether they do."""
        with self._guard:
            if len(self._queue) >= waiters:
                return True
            self._wanted = waiters
        if self._enough.acquire(timeout=seconds):
            return True
        with self._guard:
            if self._wanted:
                self._wanted = 0
            else:  # released in the last moment
                self._enough.acquire()
            return len(self._queue) >= waiters

    def _retire(self) -> list[Waiter]:
        with self._guard:
            if self._queue:
                return [self._queue.popleft()]
            if self._books.rejected_waiting() and not self._is_closing:
                return [Waiter(())]  # the store was away when they came
            self._writer = None
            return []

    def _commit(self, batch: Sequence[Waiter]) -> None:
        """Give each of `batch` its outcomes or its error; what is wrong with one must not fail the others."""
        try:
            outcomes = iter(commit([capture for waiter in batch for capture in waiter.captures]))
            for waiter in batch:
                waiter.outcomes = [next(outcomes) for _ in waiter.captures]
        except (OperationalError, Unavailable) as error:  # the store is away: nobody alone would fare better
            for waiter in batch:
                waiter.error = error
        except Exception as error:
            if len(batch) == 1:
                batch[0].error = error
                return
            logger.warning("a batch failed, each capture is tried alone: %s", type(error).__name__)
            for waiter in batch:
                self._commit([waiter])

    def _release(self, batch: Sequence[Waiter]) -> None:
        rows = sum(len(waiter.captures) for waiter in batch)
        unacknowledged = 0
        with self._guard:
            self._rows -= rows
            for waiter in batch:
                waiter.is_released = True
                if waiter.has_given_up:
                    unacknowledged += sum(not outcome.is_duplicate for outcome in waiter.outcomes or ())
        self._books.counts.add(
            (ROWS_WAITING, -rows),
            (STORED_UNACKNOWLEDGED, unacknowledged),
            (OLDEST_SINCE, -_milliseconds(batch[0].since)),
        )
        wake(waiter.wait for waiter in batch)


def commit(captures: Sequence[Capture]) -> list[Outcome]:
    """Store `captures` in one transaction; returns what became of each. Raises `Unavailable`.

    The rejected captures that wait are counted in it, too.
    """
    for _ in range(TRIES):
        try:
            with BATCH.time(), books().rejected_to_enter() as rejected:
                return _commit(captures, rejected)
        except Raced:
            continue
        except DBAPIError as error:
            if not _is_passing(error):
                raise
    raise Unavailable


def _commit(captures: Sequence[Capture], rejected: int) -> list[Outcome]:
    if captures:
        return outcomes_of(captures, store(entries_of(captures), len(captures), rejected))
    if rejected:
        with transaction():
            enter(rejected=rejected)
    return []


def _milliseconds(since: float) -> int:
    return int(since * 1000)


def _is_passing(error: DBAPIError) -> bool:
    """Whether the same again may do: a deadlock's victim, or a connection that had died while it rested."""
    return error.connection_invalidated or getattr(error.orig, "pgcode", None) in ("40P01", "40001")


def group_commit() -> GroupCommit:
    """Return the one of the current application in this process."""
    found: GroupCommit | None = current_app.extensions.get("group_commit")
    if found is None:
        app = current_app._get_current_object()  # type: ignore[attr-defined]
        found = current_app.extensions.setdefault("group_commit", GroupCommit(app))
    return found


_all: "WeakSet[GroupCommit]" = WeakSet()


@atexit.register
def _close_all() -> None:
    """Let no rejected capture go uncounted at the end."""
    for one in list(_all):
        one.close()
