"""What the tracking room can do: capture clicks, durably."""

import logging
from collections.abc import Sequence

from sqlalchemy.exc import SQLAlchemyError

from wihy.core.errors import Unavailable
from wihy.core.settings import settings
from wihy.tracking.capture import Capture, Outcome
from wihy.tracking.group_commit import commit, group_commit

logger = logging.getLogger(__name__)


def capture_events(captures: Sequence[Capture]) -> list[Outcome]:
    """Store `captures` in one transaction; returns what became of each once it is durably committed.

    Idempotent by id: an id that is stored already stays as it was. The transaction is its own, shared with what else
    is captured at the moment. Raises `Unavailable`.
    """
    if not captures:
        return []
    return group_commit().store(captures) if settings().group_commit else commit(captures)


def enter_rejected() -> None:
    """Have the rejected captures counted in the table of hours, soon and without waiting; what fails is tried again."""
    if settings().group_commit:
        group_commit().nudge()
        return
    try:
        commit([])
    except (SQLAlchemyError, Unavailable) as error:
        logger.error("rejected captures could not be counted: %s", type(error).__name__)
