"""The table of what must leave."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from wihy.core.columns import UtcDateTime, json_column
from wihy.core.database import Base
from wihy.core.ids import new_id


class Message(Base):
    """Something for somebody outside. `details` never hold a token or a secret: links are signed when they leave.

    `next_try_at` is empty once the message was sent or given up; while a worker sends it, it is when the worker would
    count as dead.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_recipient_created_at", "recipient", "created_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(16))
    recipient: Mapped[str] = mapped_column(String(254))
    template: Mapped[str] = mapped_column(String(64))
    details: Mapped[dict[str, Any]] = mapped_column(json_column())
    language: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(String(64))
