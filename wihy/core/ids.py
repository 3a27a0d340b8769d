"""Ids: UUIDv7 (RFC 9562), which sort by the time they were made and so keep indexes compact."""

from datetime import UTC, datetime
from uuid import UUID

from uuid6 import uuid7

TIME_ORDERED = 7
TIME_SHIFT = 80  # below the first 48 bits


def new_id() -> UUID:
    """Return a new UUIDv7."""
    return UUID(int=uuid7().int)


def made_at(id_: UUID) -> datetime | None:
    """Return when `id_` was made, None where it does not say (it is no UUIDv7, or of no time of ours)."""
    try:
        return (
            datetime.fromtimestamp((id_.int >> TIME_SHIFT) / 1000, UTC)
            if id_.version == TIME_ORDERED
            else None
        )
    except (ValueError, OverflowError):
        return None
