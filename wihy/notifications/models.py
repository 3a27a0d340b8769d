"""The table of notifications."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from wihy.core.columns import UtcDateTime, json_column
from wihy.core.database import Base
from wihy.core.ids import new_id


class Notification(Base):
    """Something a customer is told: the name of its template and what that takes, put into words when it is read."""

    __tablename__ = "notifications"
    __table_args__ = (
        Index("ix_notifications_customer_id_created_at_id", "customer_id", "created_at", "id"),
        Index(
            "ix_notifications_unread",
            "customer_id",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    customer_id: Mapped[int] = mapped_column(Integer, ForeignKey("customers.id", ondelete="CASCADE"))
    template: Mapped[str] = mapped_column(String(64))
    details: Mapped[dict[str, Any]] = mapped_column(json_column())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    mailed: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
