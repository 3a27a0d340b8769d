"""What happened here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID


class StoredEvent(NamedTuple):
    """An event that is new in the store, in the form figures show (its texts in the order of a combination's)."""

    id: UUID
    timestamp: datetime
    referrer: str
    original_source: str
    campaign: str
    landing_page: str
    destination: str | None
    event_type: str
    link_slug: str | None
    is_bot: bool
    new_visitor: bool


@dataclass(frozen=True, slots=True)
class EventsStored:
    """Events were captured and are stored; duplicates are not among them."""

    events: Sequence[StoredEvent]
