"""The table of partners' access to their own numbers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, Index, Integer, String, func, text
from sqlalchemy.orm import Mapped, mapped_column

from wihy.core.capabilities import Capability, Kind, Status
from wihy.core.columns import UtcDateTime, new_uuid
from wihy.core.database import Base
from wihy.core.ids import new_id
from wihy.core.visits import Visited


class PartnerAccess(Visited, Base):
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
    language: Mapped[str | None] = mapped_column(String(8))

    @property
    def capability(self) -> Capability:
        """The link that opens the partner's page."""
        is_revoked = self.revoked_at is not None or not self.is_active
        return Capability(
            Kind.PARTNER,
            self.tracking_id,
            self.token_version,
            self.access_token,
            self.expires_at,
            is_revoked,
            self.revoked_at,
        )

    @property
    def status(self) -> Status:
        """Whether the link opens the page now, and if not, why."""
        return self.capability.status
