"""What the demo's customers did lately with their events, bookings and rides."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from wihy.core import clock
from wihy.core.database import db
from wihy.mevents.models import Interaction, InteractionType
from wihy.mevents.service import track_interaction
from wihy.notifications.models import Notification

APART = timedelta(hours=17)
# (what, the number of the customer's event, of the record that it is with); the oldest first
PLAN = (
    (InteractionType.EVENT_UPDATED, None, "event"),
    (InteractionType.BOOKING_ADDED, 0, "booking"),
    (InteractionType.TABLE_SELECTED, 0, "table"),
    (InteractionType.MENU_ITEM_SELECTED, 0, "menu_item"),
    (InteractionType.ORDER_ADDED, None, "order"),
    (InteractionType.RIDE_ADDED, 1, "ride"),
    (InteractionType.BOOKING_ADDED, 1, "booking"),
)


def track_plan(customer_id: int, ids: dict[str, Any], rounds: int) -> None:
    """Let the customer do what is planned, so many times, in the open transaction; `ids` are of their records."""
    for _ in range(rounds):
        for type_, event, kind in PLAN:
            event_id = None if event is None else ids["events"][event]
            track_interaction(customer_id, type_, event_id=event_id, record_id=ids[kind])
    theirs = select(Interaction).where(Interaction.customer_id == customer_id).order_by(Interaction.id)
    _spread(db.session.scalars(theirs).all())
    told = select(Notification).where(Notification.customer_id == customer_id).order_by(Notification.id)
    _spread(db.session.scalars(told).all())
    db.session.flush()


def _spread(rows: Sequence[Any]) -> None:
    """Let `rows` be made one after the other, the last one a moment ago."""
    now = clock.now()
    for age, row in enumerate(reversed(rows)):
        row.created_at = now - age * APART
