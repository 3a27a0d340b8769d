"""The books of captures: in each process, at any moment,

    received = stored + duplicate + rejected (by reason) + failed (by reason) + in flight

Events are counted, not requests: a batch of 100 counts 100, and one until its body is read. What counts is the answer:
a capture that was answered 503 has failed, even if it was stored afterwards; such ones are told apart, too
(`stored_unacknowledged`), for a repeat of theirs is a duplicate.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from threading import Lock
from types import TracebackType
from typing import Self

from flask import current_app
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from wihy.core.errors import Refusal, Unavailable, from_http
from wihy.core.shared_counts import SharedCounts
from wihy.tracking.capture import Outcome

OTHER = "other"
REASONS = (
    "INVALID_REQUEST",
    "ORIGIN_NOT_ALLOWED",
    "UNAUTHORIZED",
    "Forbidden",
    "PAYLOAD_TOO_LARGE",
    "UNSUPPORTED_MEDIA_TYPE",
    "RATE_LIMITED",
    OTHER,
)
QUEUE_FULL, TIMEOUT, DATABASE, MISTAKE = FAILURES = ("queue_full", "timeout", "database", "mistake")

RECEIVED, STORED, DUPLICATE = 1, 2, 3
STORED_UNACKNOWLEDGED = 4
REJECTED_ENTERED = 5  # of the rejected, those that stand in the table of hours
ROWS_WAITING, OLDEST_SINCE = 6, 7  # the queue before the writer; milliseconds of the monotonic clock, 0: none
REJECTED = {reason: number for number, reason in enumerate(REASONS, 8)}
FAILED = {reason: number for number, reason in enumerate(FAILURES, 8 + len(REASONS))}
SIZE = 8 + len(REASONS) + len(FAILURES)
FAULT_OF_OURS = 500


class QueueFull(Unavailable):
    """Too many captures wait."""


class TookTooLong(Unavailable):
    """A capture waited so long for the store that nobody can tell whether it will be stored."""


class Account:
    """The captures of one request, from their arrival to their answer.

    A `with` block that ends by a refusal has rejected, by any other error failed, all that was not answered in it.
    """

    __slots__ = ("_books", "_open")

    def __init__(self, books: "Books") -> None:
        self._books = books
        self._open = 1

    def __enter__(self) -> Self:
        self._books.counts.add((RECEIVED, 1))
        return self

    def expect(self, events: int) -> None:
        """Count the request as `events` captures, now that its body was read; once some are answered it is too late."""
        if self._open:
            self._books.counts.add((RECEIVED, events - self._open))
            self._open = events

    def answer(self, outcomes: Collection[Outcome], rejected: Collection[str] = ()) -> None:
        """Enter what became of captures: their outcomes, and the codes of those that were refused."""
        changes = [(DUPLICATE if outcome.is_duplicate else STORED, 1) for outcome in outcomes]
        changes += [(_rejected(code), 1) for code in rejected]
        self._open -= len(changes)
        self._books.counts.add(*changes)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._open:
            self._books.counts.add((_end_of(error), self._open))
            self._open = 0


class Books:
    """The books of one application in this process."""

    def __init__(self) -> None:
        self.counts = SharedCounts("captures", SIZE)
        self._taking = Lock()

    def rejected_waiting(self) -> int:
        """Return how many rejected captures do not stand in the table of hours yet."""
        values = self.counts.own()
        return sum(values[number] for number in REJECTED.values()) - values[REJECTED_ENTERED]

    @contextmanager
    def rejected_to_enter(self) -> Iterator[int]:
        """Yield how many rejected captures the block is to enter in the table; if it fails, they wait again."""
        with self._taking:
            taken = self.rejected_waiting()
            self.counts.add((REJECTED_ENTERED, taken))
        try:
            yield taken
        except BaseException:
            self.counts.add((REJECTED_ENTERED, -taken))
            raise


def books() -> Books:
    """Return the books of the current application in this process."""
    found: Books = current_app.extensions["books"]
    return found


def received() -> Account:
    """Return the account of a request that brings captures, to be opened by `with`."""
    return Account(books())


def _rejected(code: str) -> int:
    return REJECTED.get(code, REJECTED[OTHER])


def _end_of(error: BaseException | None) -> int:
    """Return the count of captures that `error` ended."""
    refusal = from_http(error) if isinstance(error, HTTPException) else error
    if isinstance(refusal, Refusal) and refusal.status < FAULT_OF_OURS:
        return _rejected(refusal.code)
    if isinstance(error, QueueFull):
        return FAILED[QUEUE_FULL]
    if isinstance(error, TookTooLong):
        return FAILED[TIMEOUT]
    return FAILED[DATABASE if isinstance(error, SQLAlchemyError | Unavailable) else MISTAKE]
