"""The tables of points: what was entered, what it adds up to, and what is still owed."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from wihy.core.columns import UtcDateTime
from wihy.core.database import Base
from wihy.core.ids import new_id

REVERSAL = "reversal"


class PointsEntry(Base):
    """An entry of the ledger: never changed, never taken out; a reversal is another entry, of the opposite amounts.

    `day` is the customer's own day that it counts towards. An award over that day's limit is `capped`: it stands here
    with nothing, so that it is seen, and never awarded later. A reversal's `reference` is the id of the entry it
    reverses, and its `reason` is for the staff.
    """

    __tablename__ = "points_ledger"
    __table_args__ = (
        UniqueConstraint("customer_id", "action", "reference", name="uq_points_ledger_award"),
        Index("ix_points_ledger_customer_id_at_id", "customer_id", "at", "id"),
        Index("ix_points_ledger_customer_id_day", "customer_id", "day"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    action: Mapped[str] = mapped_column(String(64))
    reference: Mapped[str] = mapped_column(String(255))
    points: Mapped[int]
    credit_cents: Mapped[int]
    capped: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str | None] = mapped_column(Text)
    day: Mapped[date]
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def is_reversible(self) -> bool:
        """Whether there is something that a reversal could take back."""
        return self.action != REVERSAL and bool(self.points or self.credit_cents)


class PointsBalance(Base):
    """What a customer's entries add up to. Whoever adds one locks this row first, so that the two never differ."""

    __tablename__ = "points_balances"

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    points: Mapped[int] = mapped_column(BigInteger, default=0)
    credit_cents: Mapped[int] = mapped_column(BigInteger, default=0)


class PendingAward(Base):
    """An award that failed and is still owed; `error` is the name of what went wrong last."""

    __tablename__ = "pending_awards"
    __table_args__ = (UniqueConstraint("customer_id", "action", "reference", name="uq_pending_awards_award"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    action: Mapped[str] = mapped_column(String(64))
    reference: Mapped[str] = mapped_column(String(255))
    points: Mapped[int]
    credit_cents: Mapped[int]
    earned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=1)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    error: Mapped[str] = mapped_column(String(64))
