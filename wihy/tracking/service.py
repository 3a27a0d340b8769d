"""What the tracking room can do: capture clicks, durably."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException

from wihy.core.clock import now
from wihy.core.errors import Detail, InvalidRequest, Refusal, Unavailable, from_http
from wihy.core.ids import made_at
from wihy.core.settings import settings
from wihy.tracking.books import FAULT_OF_OURS, received
from wihy.tracking.capture import Capture, Outcome
from wihy.tracking.group_commit import commit, group_commit
from wihy.tracking.intake import Sender, read_event, to_capture
from wihy.tracking.refusals import remember_refusals

PATIENCE_ON_THE_WAY_SECONDS = 2.0
SAME_CLICK = timedelta(hours=1)

logger = logging.getLogger(__name__)


def capture_events(captures: Sequence[Capture], patience_seconds: float | None = None) -> list[Outcome]:
    """Store `captures` in one transaction; returns what became of each once it is durably committed.

    Idempotent by id: an id that is stored already stays as it was. The transaction is its own, shared with what else
    is captured at the moment. Raises `Unavailable`, with group commit after `patience_seconds` at the latest.
    """
    if not captures:
        return []
    return group_commit().store(captures, patience_seconds) if settings().group_commit else commit(captures)


def problems_of(sent: Mapping[str, object]) -> Sequence[Detail]:
    """Return what a capture of `sent` would be refused for, nothing where it would be stored."""
    try:
        read_event(sent)
    except InvalidRequest as refusal:
        return refusal.details
    return ()


def enter_rejected() -> None:
    """Have the rejected captures counted in the table of hours, soon and without waiting; what fails is tried again."""
    if settings().group_commit:
        group_commit().nudge()
        return
    try:
        commit([])
    except (SQLAlchemyError, Unavailable) as error:
        logger.error("rejected captures could not be counted: %s", type(error).__name__)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A visitor on the way through an address of ours, and what it says of them: texts as they came, to be judged.

    `event_id` is `wihy_id`: the same click, captured a moment before.
    """

    referrer: str
    landing_page: str
    campaign: str | None = None
    original_source: str | None = None
    link_slug: str | None = None
    event_id: str | None = None


def capture_arrival(
    arrival: Arrival, headers: Headers, address: str, check_limit: Callable[[], None]
) -> UUID | None:
    """Capture who comes with `headers` from `address`; returns the event's id once it is durably stored.

    None: what the address says cannot be a click, or the store is away; the books know (rejected, failed). Only what
    `check_limit` raises reaches the caller, for it is meant for who sends too much.
    """
    try:
        with received() as account:
            check_limit()
            event = read_event(_fields(arrival))
            capture = to_capture(event, Sender.of(headers, address, is_program=False), arrival.link_slug)
            [outcome] = outcomes = capture_events([capture], PATIENCE_ON_THE_WAY_SECONDS)
            account.answer(outcomes)
            return outcome.id
    except (Refusal, HTTPException) as error:
        refusal = error if isinstance(error, Refusal) else from_http(error)
        if refusal.status < FAULT_OF_OURS:
            remember_refusals([(refusal, _fields(arrival))])
            enter_rejected()
            if not isinstance(error, InvalidRequest):
                raise
        else:
            logger.error("a visitor was sent on uncounted: %s", refusal.message)
    except Exception as error:  # whatever it is, it is ours: the visitor goes on
        logger.error("a visitor was sent on uncounted: %s", type(error).__name__)
    return None


def _fields(arrival: Arrival) -> dict[str, str | None]:
    return {
        "referrer": arrival.referrer,
        "landingPage": arrival.landing_page,
        "campaign": arrival.campaign or None,
        "originalSource": arrival.original_source or None,
        "eventId": _same_click(arrival.event_id),
    }


def _same_click(event_id: str | None) -> str | None:
    """Return `event_id` while it can be the visitor's own click; later, somebody has copied the address."""
    try:
        made = made_at(UUID(event_id)) if event_id else None
    except ValueError:
        return None
    return event_id if made and abs(now() - made) <= SAME_CLICK else None
