"""What customers hear of their own interactions, on all their open pages and programs."""

from wihy.core.access import Kind
from wihy.live.rooms import customer_room
from wihy.live.telling import tell
from wihy.mevents.facts import EngagementAnalyzed, InteractionTracked


def tell_interaction(fact: InteractionTracked) -> None:
    """Tell a customer of an interaction of theirs."""
    payload = {
        "trackingId": fact.tracking_id,
        "interactionType": fact.interaction_type,
        "eventId": fact.event_id,
        "userId": fact.customer_id,
        "role": str(Kind.CUSTOMER),
        "auditAction": "INTERACTION_TRACKED",
    }
    tell(customer_room(fact.customer_id), f"tracking:interaction:{fact.customer_id}", payload)


def tell_engagement(fact: EngagementAnalyzed) -> None:
    """Tell a customer what an analysis of their engagement counted."""
    payload = {
        "customerId": fact.customer_id,
        "metrics": {"totalInteractions": fact.total_interactions, "eventCount": fact.event_count},
        "userId": fact.customer_id,
        "role": str(Kind.CUSTOMER),
        "auditAction": "ENGAGEMENT_ANALYZED",
    }
    tell(customer_room(fact.customer_id), f"tracking:engagement:{fact.customer_id}", payload)
