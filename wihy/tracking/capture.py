"""One capture on its way to the store."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from wihy.tracking.models import EventType


@dataclass(frozen=True, slots=True)
class Capture:
    """A checked click. `address` is the visitor's: it is digested on the way and never stored or printed."""

    id: UUID
    timestamp: datetime
    referrer: str
    campaign: str
    landing_page: str
    original_source: str
    destination_url: str | None
    event_type: EventType
    user_agent: str | None
    address: str | None = field(repr=False)
    session_id: str | None = None
    link_slug: str | None = None
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a capture: stored now (as a bot's or a person's), or there already."""

    id: UUID
    is_bot: bool
    is_duplicate: bool
