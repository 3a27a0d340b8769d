"""What a customer's open pages hear of their inbox."""

from wihy.core.clock import to_text
from wihy.live.rooms import customer_room
from wihy.live.telling import tell
from wihy.notifications.facts import NotificationMade
from wihy.notifications.queries import count_unread, get_told

CREATED = "notification:created"


def tell_notification(fact: NotificationMade) -> None:
    """Tell the customer's pages of a new notification, in words, and how many are unread with it."""
    told = get_told(fact.notification_id, fact.customer_id)
    payload = {
        "id": str(told.id),
        "template": told.template,
        "title": told.title,
        "body": told.body,
        "language": told.language,
        "createdAt": to_text(told.created_at),
        "unread": count_unread(fact.customer_id),
    }
    tell(customer_room(fact.customer_id), CREATED, payload)
