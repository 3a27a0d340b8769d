"""The table of partners' access to their own numbers."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Boolean, Index, Integer, String, func, text
from sqlalchemy.orm import Mapped, mapped_column

from wihy.core.clock import now
from wihy.core.columns import UtcDateTime, new_uuid
from wihy.core.database import Base
from wihy.core.ids import new_id


class Status(StrEnum):
    """What a partner's link is."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


class PartnerAccess(Base):
    """A partner, and the digest (SHA-256, hex) of the token that opens their page."""

    __tablename__ = "partner_access"
    __table_args__ = (
        Index("idx_tracking_id", "tracking_id"),
        Index("idx_access_token", "access_token"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, server_default=new_uuid())
    tracking_id: Mapped[str] = mapped_column(String(255), unique=True)
    partner_name: Mapped[str | None] = mapped_column(String(255))
    email: Mapped[str | None] = mapped_column(String(255))
    access_token: Mapped[str] = mapped_column(String(255), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, server_default=func.now())
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_active: Mapped[bool | None] = mapped_column(Boolean, default=True, server_default=text("true"))
    token_version: Mapped[int] = mapped_column(Integer, default=1, server_default=text("1"))
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    language: Mapped[str | None] = mapped_column(String(8))

    @property
    def status(self) -> "Status":
        """Whether the link opens the page now, and if not, why."""
        if self.revoked_at or not self.is_active:
            return Status.REVOKED
        return Status.EXPIRED if self.expires_at and self.expires_at <= now() else Status.ACTIVE
