"""What happened with customers' interactions, for others to react to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InteractionTracked:
    """A customer interacted with an event or a service."""

    tracking_id: int
    interaction_type: str
    event_id: int | None
    customer_id: int


@dataclass(frozen=True, slots=True)
class EngagementAnalyzed:
    """A customer had their engagement analysed."""

    customer_id: int
    total_interactions: int
    event_count: int
