"""Tables of the audit log. Triggers (migration 0014) refuse what no code does: changing and deleting.

What people may have erased stands in a table of its own: the log holds a salted digest of it, so that a row whose
personal part is gone can still be verified, and one whose personal part was changed is found.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from wihy.core.columns import UtcDateTime, json_column
from wihy.core.database import Base
from wihy.core.ids import new_id

_IS_UNSEALED = text("place IS NULL")


class AuditEntry(Base):
    """Who (`actor`) did what (`action`) on which `thing`, when.

    `place` and `digest` are set once, by the seal: the place in the order of sealing, and the digest of all the rest.
    """

    __tablename__ = "audit_log"
    __table_args__ = (
        Index("ix_audit_log_at_id", "at", "id"),
        Index("ix_audit_log_actor_at_id", "actor", "at", "id"),
        Index("ix_audit_log_action_at_id", "action", "at", "id"),
        Index("ix_audit_log_thing_at_id", "thing", "at", "id"),
        Index("ix_audit_log_unsealed", "id", postgresql_where=_IS_UNSEALED, sqlite_where=_IS_UNSEALED),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(64))
    thing: Mapped[str] = mapped_column(String(320))
    request_id: Mapped[str | None] = mapped_column(String(64))
    details: Mapped[dict[str, Any]] = mapped_column(json_column())
    personal_digest: Mapped[str | None] = mapped_column(String(64))
    place: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    digest: Mapped[str | None] = mapped_column(String(64))


class AuditPersonal(Base):
    """What of an entry is about a person (JSON, as text): erasing it deletes this row, its salt with it."""

    __tablename__ = "audit_personal"

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("audit_log.id"), primary_key=True)
    salt: Mapped[str] = mapped_column(String(32))
    content: Mapped[str] = mapped_column(Text)


class AuditSeal(Base):
    """A digest over the seal before and the digests of the entries from `first_place` to `last_place`."""

    __tablename__ = "audit_seals"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    sealed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    first_place: Mapped[int] = mapped_column(BigInteger)
    last_place: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str] = mapped_column(String(64))
