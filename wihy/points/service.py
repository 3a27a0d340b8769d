"""What can be done with points: award them, and take them back."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.exc import DBAPIError

from wihy.audit.service import record
from wihy.core import clock
from wihy.core.database import db
from wihy.core.errors import Conflict, NotFound
from wihy.customers.service import get_customer
from wihy.points.awards import (
    HIGH_ENGAGEMENT,
    INTERACTION,
    SUPPORT_INTERACTION,
    SUPPORT_TICKET_CREATED,
    TICKET_CLOSURE,
    Award,
    Granted,
)
from wihy.points.ledger import enter, enter_award, is_entered, lock_balance
from wihy.points.models import REVERSAL, PointsEntry
from wihy.points.pending import owe
from wihy.points.queries import find_entry
from wihy.points.schemas import NewReversal as NewReversal

__all__ = [
    "HIGH_ENGAGEMENT",
    "INTERACTION",
    "SUPPORT_INTERACTION",
    "SUPPORT_TICKET_CREATED",
    "TICKET_CLOSURE",
    "Award",
    "Granted",
    "award",
    "reverse",
]

UNKNOWN = "There is no such customer"
OWED = "Points could not be added now: they will be, within hours"
LOST = "Points could not be added"

logger = logging.getLogger(__name__)


class AlreadyReversed(Conflict):
    """An entry is reversed once."""

    code, message = "ALREADY_REVERSED", "This entry is reversed already"


class NotReversible(Conflict):
    """There is nothing to take back."""

    code, message = "NOT_REVERSIBLE", "A reversal, or an entry of nothing, cannot be reversed"


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
        with _trying():  # apart, so that it stays locked: who owed first and locked later could deadlock
            balance = lock_balance(get_customer(customer_id).id)
        with _trying():
            return enter_award(balance, award, reference, earned_at)
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


def reverse(customer_id: int, entry_id: UUID, reason: str) -> PointsEntry:
    """Take back what an entry of the customer's brought, by another of the opposite amounts; returns that (flushed).

    It is awarded no second time, and leaves no more room in its day. Raises `NotFound`, `NotReversible`, or
    `AlreadyReversed`.
    """
    customer = get_customer(customer_id)
    entry = find_entry(customer_id, entry_id)
    if entry is None:
        raise NotFound
    if not entry.is_reversible:
        raise NotReversible
    balance = lock_balance(customer_id)
    if is_entered(customer_id, REVERSAL, str(entry.id)):
        raise AlreadyReversed
    now = clock.now()
    reversal = PointsEntry(
        customer_id=customer_id,
        action=REVERSAL,
        reference=str(entry.id),
        points=-entry.points,
        credit_cents=-entry.credit_cents,
        reason=reason,
        day=now.astimezone(ZoneInfo(customer.timezone)).date(),
        at=now,
    )
    enter(reversal, balance)
    details = {"entry_id": entry.id, "points": reversal.points, "credit_cents": reversal.credit_cents}
    record("POINTS_REVERSED", customer.principal, details=details, personal={"reason": reason})
    return reversal


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
