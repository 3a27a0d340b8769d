"""Reading points: balances, and the entries they come from."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_, union_all

from wihy.core.database import db
from wihy.core.paging import Cursor
from wihy.points.models import REVERSAL, PointsBalance, PointsEntry


class Balance(NamedTuple):
    """What a customer has; credit in hundredths of a dollar."""

    points: int
    credit_cents: int


class ListedEntry(NamedTuple):
    """An entry, and whether it was reversed since."""

    entry: PointsEntry
    is_reversed: bool


class EntryPage(NamedTuple):
    """Some entries, and where the next ones begin (None: there are no more)."""

    entries: Sequence[ListedEntry]
    next_cursor: Cursor | None


class Difference(NamedTuple):
    """A customer whose balance is not what the entries add up to."""

    customer_id: int
    balance: Balance
    entered: Balance


def balance_of(customer_id: int) -> Balance:
    """Return what the customer has: nothing, where nobody ever awarded them anything."""
    columns = select(PointsBalance.points, PointsBalance.credit_cents)
    found = db.session.execute(columns.where(PointsBalance.customer_id == customer_id)).one_or_none()
    return Balance(*found) if found else Balance(0, 0)


def points_for(customer_id: int, action: str, reference: str) -> int:
    """Return the points that an award has brought, none where it is not entered."""
    brought = select(PointsEntry.points).where(
        PointsEntry.customer_id == customer_id,
        PointsEntry.action == action,
        PointsEntry.reference == reference,
    )
    return db.session.scalar(brought) or 0


def list_entries(customer_id: int, *, limit: int, after: Cursor | None = None) -> EntryPage:
    """Return at most `limit` entries of the customer behind `after`, newest first."""
    found = select(PointsEntry).where(PointsEntry.customer_id == customer_id)
    if after:
        found = found.where(tuple_(PointsEntry.at, PointsEntry.id) < tuple_(after.at, after.id))
    newest = found.order_by(PointsEntry.at.desc(), PointsEntry.id.desc())
    rows = db.session.scalars(newest.limit(limit + 1)).all()
    last = rows[limit - 1] if len(rows) > limit else None
    reversed_ids = _reversed(customer_id, [entry.id for entry in rows[:limit] if entry.is_reversible])
    return EntryPage(
        [ListedEntry(entry, str(entry.id) in reversed_ids) for entry in rows[:limit]],
        Cursor(last.at, last.id) if last else None,
    )


def find_entry(customer_id: int, entry_id: UUID) -> PointsEntry | None:
    """Return the entry if it is that customer's."""
    entry = db.session.get(PointsEntry, entry_id)
    return entry if entry and entry.customer_id == customer_id else None


def find_listed(customer_id: int, entry_id: UUID) -> ListedEntry | None:
    """Return the entry as lists show it, if it is that customer's."""
    entry = find_entry(customer_id, entry_id)
    return ListedEntry(entry, bool(_reversed(customer_id, [entry_id]))) if entry else None


def find_differences() -> list[Difference]:
    """Return whose balance is not what their entries add up to: nobody's, or something is wrong.

    One statement reads both, so awards may go on meanwhile.
    """
    entered = (
        select(
            PointsEntry.customer_id.label("customer_id"),
            func.sum(PointsEntry.points).label("points"),
            func.sum(PointsEntry.credit_cents).label("cents"),
        )
        .group_by(PointsEntry.customer_id)
        .subquery()
    )
    points, cents = func.coalesce(PointsBalance.points, 0), func.coalesce(PointsBalance.credit_cents, 0)
    sum_points, sum_cents = func.coalesce(entered.c.points, 0), func.coalesce(entered.c.cents, 0)
    is_same_customer = PointsBalance.customer_id == entered.c.customer_id
    differs = or_(points != sum_points, cents != sum_cents)
    with_balance = (
        select(PointsBalance.customer_id, points, cents, sum_points, sum_cents)
        .outerjoin(entered, is_same_customer)
        .where(differs)
    )
    without = (
        select(entered.c.customer_id, points, cents, sum_points, sum_cents)
        .outerjoin(PointsBalance, is_same_customer)
        .where(PointsBalance.customer_id.is_(None))
    )
    found = db.session.execute(union_all(with_balance, without))
    return sorted(
        Difference(customer_id, Balance(*numbers[:2]), Balance(*numbers[2:]))
        for customer_id, *numbers in found
    )


def _reversed(customer_id: int, ids: Sequence[UUID]) -> set[str]:
    """Return those of `ids`, as text, that a reversal refers to."""
    reversals = select(PointsEntry.reference).where(
        PointsEntry.customer_id == customer_id,
        PointsEntry.action == REVERSAL,
        PointsEntry.reference.in_([str(entry_id) for entry_id in ids]),
    )
    return set(db.session.scalars(reversals)) if ids else set()
