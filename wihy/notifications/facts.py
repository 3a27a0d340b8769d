"""What happened in inboxes, for others to react to."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class NotificationMade:
    """A customer has a new notification."""

    customer_id: int
    notification_id: UUID
