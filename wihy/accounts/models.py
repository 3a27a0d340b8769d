"""Tables of people and programs that sign in, and of their sessions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Uuid,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from wihy.core.access import GRANTABLE, PERMISSIONS, Kind
from wihy.core.columns import UtcDateTime, json_column, new_uuid
from wihy.core.database import Base
from wihy.core.ids import new_id


class User(Base):
    """A staff user: an admin, or a viewer with what was granted."""

    __tablename__ = "tracking_users"
    __table_args__ = (
        CheckConstraint("role IN ('admin', 'viewer')", name="role"),
        Index("idx_email", "email"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, server_default=new_uuid())
    email: Mapped[str] = mapped_column(String(255), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[str | None] = mapped_column(String(50), default="viewer", server_default="viewer")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, server_default=func.now())
    last_login: Mapped[datetime | None] = mapped_column(UtcDateTime)
    permissions: Mapped[list[str]] = mapped_column(json_column(), default=list, server_default=text("'[]'"))
    is_active: Mapped[bool] = mapped_column(Boolean, default=True, server_default=text("true"))

    @property
    def principal(self) -> str:
        """`staff:<uuid>`: the owner of sessions and tokens."""
        return f"{Kind.STAFF}:{self.id}"

    @property
    def all_permissions(self) -> frozenset[str]:
        """What the role allows and what an admin granted beside it."""
        return PERMISSIONS[self.role or "viewer"] | (GRANTABLE & frozenset(self.permissions))


class Session(Base):
    """One sign-in: every token names its session, and ends with it."""

    __tablename__ = "sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    principal: Mapped[str] = mapped_column(String(64), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    user_agent: Mapped[str] = mapped_column(String(255), default="")


class ApiKey(Base):
    """A program's key: only its SHA-256 digest is kept."""

    __tablename__ = "api_keys"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(255))
    scopes: Mapped[list[str]] = mapped_column(json_column())
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[UUID | None] = mapped_column(
        Uuid, ForeignKey("tracking_users.id", ondelete="SET NULL")
    )
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SignInFailure(Base):
    """One failed sign-in: digests of account and address, kept as long as they count.

    `principal` is whose account it is, if anybody's; `is_told`: the audit log has it.
    """

    __tablename__ = "sign_in_failures"
    __table_args__ = (
        Index("ix_sign_in_failures_account_at", "account", "at"),
        Index("ix_sign_in_failures_address_at", "address", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    account: Mapped[str] = mapped_column(String(32))
    address: Mapped[str] = mapped_column(String(32))
    principal: Mapped[str | None] = mapped_column(String(64))
    is_told: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
