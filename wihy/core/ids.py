"""Ids: UUIDv7 (RFC 9562), which sort by the time they were made and so keep indexes compact."""

import time
from datetime import UTC, datetime
from uuid import UUID

from wihy.core.chance import random_64

TIME_ORDERED = 7
VARIANT = 2
TIME_SHIFT = 80  # below the first 48 bits
MILLISECOND = 1_000_000  # nanoseconds


def new_id() -> UUID:
    """Return a new UUIDv7 of this moment, to a quarter of a microsecond (RFC 9562, 6.2, method 3).

    It knows nothing of the ids before it, so a clock that was wrong for a while leaves nothing behind.
    """
    milliseconds, rest = divmod(time.time_ns(), MILLISECOND)
    fraction = (rest << 12) // MILLISECOND
    chance = random_64() >> 2
    return UUID(int=milliseconds << TIME_SHIFT | TIME_ORDERED << 76 | fraction << 64 | VARIANT << 62 | chance)


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
