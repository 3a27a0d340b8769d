"""Tables of customers' interactions, and what keeps their limits exact."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from wihy.core.columns import UtcDateTime, json_column
from wihy.core.database import Base


class InteractionType(StrEnum):
    """What a customer did."""

    BOOKING_ADDED = "booking_added"
    ORDER_ADDED = "order_added"
    RIDE_ADDED = "ride_added"
    IN_DINING_ORDER_ADDED = "in_dining_order_added"
    PARKING_BOOKING_ADDED = "parking_booking_added"
    MENU_ITEM_SELECTED = "menu_item_selected"
    TABLE_SELECTED = "table_selected"
    EVENT_UPDATED = "event_updated"


class Interaction(Base):
    """One interaction: of whom, with which event, and with which record of a host application, if any.

    Its id is never given again, for points refer to it. Records may be forgotten by their host application meanwhile.
    """

    __tablename__ = "event_interactions"
    __table_args__ = (
        CheckConstraint(f"type IN ({', '.join(repr(str(type_)) for type_ in InteractionType)})", name="type"),
        Index("ix_event_interactions_customer_id_id", "customer_id", "id"),
        Index("ix_event_interactions_customer_id_created_at", "customer_id", "created_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    customer_id: Mapped[int] = mapped_column(Integer, ForeignKey("customers.id", ondelete="CASCADE"))
    type: Mapped[str] = mapped_column(String(32))
    event_id: Mapped[int | None] = mapped_column(Integer)
    record_kind: Mapped[str | None] = mapped_column(String(32))
    record_id: Mapped[int | None] = mapped_column(Integer)
    details: Mapped[dict[str, Any]] = mapped_column(json_column())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class InteractionDay(Base):
    """How many interactions a customer had in their present day, which ends at a moment that no longer changes."""

    __tablename__ = "event_interaction_days"

    customer_id: Mapped[int] = mapped_column(
        Integer, ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    count: Mapped[int] = mapped_column(Integer)


class EngagedPeriod(Base):
    """A period in which a customer was found to be highly engaged: they are told once."""

    __tablename__ = "event_engaged_periods"

    customer_id: Mapped[int] = mapped_column(
        Integer, ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    period: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
