"""Tables of customers and of what host applications keep for them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from wihy.core.access import PERMISSIONS, Kind
from wihy.core.columns import UtcDateTime, json_column
from wihy.core.database import Base
from wihy.core.texts import DEFAULT

LARGEST_ID = 2_147_483_647
IDS = range(1, LARGEST_ID + 1)


class RecordKind(StrEnum):
    """What a host application keeps."""

    EVENT = "event"
    RIDE = "ride"
    ORDER = "order"
    BOOKING = "booking"
    EVENT_SERVICE = "event_service"
    IN_DINING_ORDER = "in_dining_order"
    PARKING_BOOKING = "parking_booking"
    MENU_ITEM = "menu_item"
    TABLE = "table"

    @property
    def has_owner(self) -> bool:
        """Whether such a record is a customer's; what is offered to all is nobody's."""
        return self not in (RecordKind.MENU_ITEM, RecordKind.TABLE)


class Customer(Base):
    """A customer of a host application, under the id they have there."""

    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    email: Mapped[str | None] = mapped_column(String(255), unique=True)
    display_name: Mapped[str | None] = mapped_column(String(255))
    language: Mapped[str] = mapped_column(String(8), default=DEFAULT, server_default=DEFAULT)
    timezone: Mapped[str] = mapped_column(String(64), default="UTC", server_default="UTC")
    password_hash: Mapped[str | None] = mapped_column(String(255))
    denied_permissions: Mapped[list[str]] = mapped_column(
        json_column(), default=list, server_default=text("'[]'")
    )
    active: Mapped[bool] = mapped_column(Boolean, default=True, server_default=text("true"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_login: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def principal(self) -> str:
        """`customer:<id>`: the owner of sessions and tokens."""
        return f"{Kind.CUSTOMER}:{self.id}"

    @property
    def role(self) -> str:
        """`customer`, as the answer to a sign-in says it."""
        return str(Kind.CUSTOMER)

    @property
    def name(self) -> str:
        """What people call this customer: the name, else the e-mail, else the number."""
        return self.display_name or self.email or f"Customer {self.id}"

    @property
    def permissions(self) -> frozenset[str]:
        """What all customers may, but for what was withdrawn from this one."""
        return PERMISSIONS["customer"] - frozenset(self.denied_permissions)


class ServiceRecord(Base):
    """A ride, an order, a table…: known by its kind and the id it has in its host application."""

    __tablename__ = "service_records"
    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(repr(str(kind)) for kind in RecordKind)})", name="kind"),
        CheckConstraint("(customer_id IS NULL) = (kind IN ('menu_item', 'table'))", name="owner"),
        Index("ix_service_records_customer_id_kind_id", "customer_id", "kind", "id"),
    )

    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    customer_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("customers.id", ondelete="CASCADE"))
    status: Mapped[str | None] = mapped_column(String(64))
    details: Mapped[dict[str, Any]] = mapped_column(json_column(), default=dict, server_default=text("'{}'"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
