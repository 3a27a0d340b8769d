"""Ids: UUIDv7 (RFC 9562), which sort by the time they were made and so keep indexes compact."""

from uuid import UUID

from uuid6 import uuid7


def new_id() -> UUID:
    """Return a new UUIDv7."""
    return UUID(int=uuid7().int)
