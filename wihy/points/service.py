"""What can be done with points: award them, and take them back."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from wihy.core import clock
from wihy.core.database import db
from wihy.core.errors import NotFound
from wihy.points.awards import (
    HIGH_ENGAGEMENT,
    INTERACTION,
    SUPPORT_INTERACTION,
    SUPPORT_TICKET_CREATED,
    TICKET_CLOSURE,
    Award,
    Granted,
)
from wihy.points.ledger import enter_award
from wihy.points.pending import owe

__all__ = [
    "HIGH_ENGAGEMENT",
    "INTERACTION",
    "SUPPORT_INTERACTION",
    "SUPPORT_TICKET_CREATED",
    "TICKET_CLOSURE",
    "Award",
    "Granted",
    "award",
]

UNKNOWN = "There is no such customer"
OWED = "Points could not be added now: they will be, within hours"
LOST = "Points could not be added"

logger = logging.getLogger(__name__)


class _Failed(Exception):
    """What was tried was undone; its cause says why."""


def award(customer_id: int, award: Award, reference: str) -> Granted:
    """Award points for what `reference` names (`interaction:7`), once, in the caller's open transaction.

    It happens in a savepoint: if it fails, the transaction can go on, `error` says so, and the award is owed until a
    job enters it. Nothing of that raises; only a connection that is lost, and the caller's transaction with it, does.
    """
    db.session.flush()  # what the caller left to be written is not the award's to lose
    earned_at = clock.now()
    try:
        with _trying():
            return enter_award(customer_id, award, reference, earned_at)
    except _Failed as failed:
        cause = failed.__cause__
    if isinstance(cause, NotFound):
        return Granted(0, 0, UNKNOWN)
    error = type(cause).__name__
    logger.error("the award %s of %s to customer %d failed: %s", award.action, reference, customer_id, error)
    try:
        with _trying():
            owe(customer_id, award, reference, earned_at, error)
    except _Failed as failed:
        logger.error("nor can it be kept as owed: %s", type(failed.__cause__).__name__)
        return Granted(0, 0, LOST)
    return Granted(0, 0, OWED)


@contextmanager
def _trying() -> Iterator[None]:
    """Do what is inside, or undo it and raise `_Failed`; a connection that is lost raises its own error."""
    with db.session.begin_nested():
        try:
            yield
        except Exception as error:
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                raise
            raise _Failed from error
