"""Keyset paging: a cursor names the last row seen, so pages neither repeat nor skip while rows arrive."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from wihy.core.errors import InvalidRequest

MICROSECONDS = 1_000_000


class Cursor(NamedTuple):
    """The place behind a row in an order by (moment, id), newest first."""

    at: datetime
    id: UUID

    def to_text(self) -> str:
        """Return the cursor as opaque text for an address."""
        since_epoch = self.at - datetime(1970, 1, 1, tzinfo=UTC)
        micros = (since_epoch.days * 86_400 + since_epoch.seconds) * MICROSECONDS + since_epoch.microseconds
        return urlsafe_b64encode(micros.to_bytes(8, "big", signed=True) + self.id.bytes).decode()

    @classmethod
    def from_text(cls, text: str) -> "Cursor":
        """Return the cursor that `text` holds; raises `InvalidRequest`."""
        try:
            packed = urlsafe_b64decode(text.encode("ascii"))
            if len(packed) != 24:
                raise ValueError
            micros = int.from_bytes(packed[:8], "big", signed=True)
            at = datetime.fromtimestamp(micros // MICROSECONDS, UTC)
            return cls(at.replace(microsecond=micros % MICROSECONDS), UUID(bytes=packed[8:]))
        except (ValueError, OverflowError, OSError):
            raise InvalidRequest.at("cursor", "use the nextCursor of an earlier answer") from None


def find_cursor(text: str) -> Cursor | None:
    """Return the cursor that `text` holds, for pages: an address that says nothing of use begins its list anew."""
    try:
        return Cursor.from_text(text) if text else None
    except InvalidRequest:
        return None
