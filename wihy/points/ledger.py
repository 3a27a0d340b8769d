"""Adding to the ledger: one entry at a time for each customer, with their balance, or not at all."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from wihy.core import clock
from wihy.core.database import db, insert_new
from wihy.core.settings import settings
from wihy.customers.service import get_customer
from wihy.points.awards import Award, Granted
from wihy.points.models import REVERSAL, PointsBalance, PointsEntry

NOTHING = Granted(0, 0, None)


def enter_award(balance: PointsBalance, award: Award, reference: str, earned_at: datetime) -> Granted:
    """Enter the award, once for its reference and within the limits of the customer's day in which it was earned.

    `balance` is the customer's, locked. An award that the day's limit of points or of credit has no room for is entered
    with nothing of either.
    """
    customer_id = balance.customer_id
    zone = ZoneInfo(get_customer(customer_id).timezone)
    if is_entered(customer_id, award.action, reference):
        return NOTHING
    day = earned_at.astimezone(zone).date()
    has_room = _has_room(customer_id, day, award)
    entry = PointsEntry(
        customer_id=customer_id,
        action=award.action,
        reference=reference,
        points=award.points if has_room else 0,
        credit_cents=award.credit_cents if has_room else 0,
        capped=not has_room,
        day=day,
        at=clock.now(),
    )
    enter(entry, balance)
    return Granted(entry.points, entry.credit_cents, None)


def enter(entry: PointsEntry, balance: PointsBalance) -> None:
    """Add `entry` to the ledger and to its customer's locked `balance` (flushed)."""
    db.session.add(entry)
    balance.points += entry.points
    balance.credit_cents += entry.credit_cents
    db.session.flush()


def lock_balance(customer_id: int) -> PointsBalance:
    """Return the customer's balance, locked until the transaction ends: others wait before they enter anything.

    It is a row of its own, for whatever refers to a customer must not wait for a customer's points.
    """
    found = select(PointsBalance).where(PointsBalance.customer_id == customer_id).with_for_update()
    found = found.execution_options(populate_existing=True)
    balance = db.session.scalar(found)
    if balance is None:
        insert_new(PointsBalance, [{"customer_id": customer_id, "points": 0, "credit_cents": 0}])
        balance = db.session.scalars(found).one()
    return balance


def is_entered(customer_id: int, action: str, reference: str) -> bool:
    """Whether the customer has that entry; ask with the balance locked."""
    same = (
        PointsEntry.customer_id == customer_id,
        PointsEntry.action == action,
        PointsEntry.reference == reference,
    )
    return db.session.scalar(select(PointsEntry.id).where(*same)) is not None


def _has_room(customer_id: int, day: date, award: Award) -> bool:
    """Whether the day's limits have room for all of `award`; what was reversed still counts as awarded."""
    earned = select(
        func.coalesce(func.sum(PointsEntry.points), 0), func.coalesce(func.sum(PointsEntry.credit_cents), 0)
    )
    of_the_day = (
        PointsEntry.customer_id == customer_id,
        PointsEntry.day == day,
        PointsEntry.action != REVERSAL,
    )
    points, cents = db.session.execute(earned.where(*of_the_day)).one()
    return bool(
        points + award.points <= settings().max_points_per_day
        and cents + award.credit_cents <= settings().max_credit_cents_per_day
    )
