"""The table of saved links."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from wihy.core.columns import UtcDateTime
from wihy.core.database import Base
from wihy.core.ids import new_id


class SavedLink(Base):
    """A tracking link under a short address (`/l/<slug>`). A slug is never given away again: it may be in print."""

    __tablename__ = "saved_links"
    __table_args__ = (Index("ix_saved_links_created_at_id", "created_at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    target: Mapped[str] = mapped_column(Text)
    referrer: Mapped[str] = mapped_column(String(255), index=True)
    campaign: Mapped[str | None] = mapped_column(String(255))
    source: Mapped[str | None] = mapped_column(String(255), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[UUID | None] = mapped_column()
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
