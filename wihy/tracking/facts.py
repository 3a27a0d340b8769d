"""What happened here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event that is new in the store, in the form figures show."""

    id: UUID
    timestamp: datetime
    referrer: str
    original_source: str
    campaign: str
    landing_page: str
    destination: str | None
    event_type: str
    is_bot: bool
    new_visitor: bool
    link_slug: str | None


@dataclass(frozen=True, slots=True)
class EventsStored:
    """Events were captured and are stored; duplicates are not among them."""

    events: Sequence[StoredEvent]
