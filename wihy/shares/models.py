"""The table of shared dashboards."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from wihy.analytics.service import Selection
from wihy.core.capabilities import Capability, Kind, Status
from wihy.core.columns import UtcDateTime, json_column
from wihy.core.database import Base
from wihy.core.ids import new_id
from wihy.core.visits import Visited

ONLY_VERSION = 1  # a share gets no second link: another share is made instead


class ShareLink(Visited, Base):
    """A dashboard locked to `filters` (by their names in an address), and the digest of the token that opens it."""

    __tablename__ = "share_links"
    __table_args__ = (Index("ix_share_links_created_at_id", "created_at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(255))
    filters: Mapped[dict[str, str]] = mapped_column(json_column())
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[UUID | None] = mapped_column()
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def capability(self) -> Capability:
        """The link that opens it."""
        return Capability(
            Kind.SHARE,
            str(self.id),
            ONLY_VERSION,
            self.token_digest,
            self.expires_at,
            self.revoked_at is not None,
            self.revoked_at,
        )

    @property
    def status(self) -> Status:
        """Whether the link opens it now, and if not, why."""
        return self.capability.status

    @property
    def selection(self) -> Selection:
        """The events it is locked to."""
        return Selection.model_validate(self.filters)
