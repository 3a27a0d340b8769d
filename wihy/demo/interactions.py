"""What the demo's customers did lately with their events, bookings and rides."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from wihy.core import clock
from wihy.core.database import db
from wihy.mevents.models import Interaction, InteractionType
from wihy.mevents.service import HIGH, analyse_engagement, track_interaction
from wihy.notifications.models import Notification
from wihy.points.models import PointsEntry

APART = timedelta(hours=17)
UNREAD = 2
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
    if rounds * len(PLAN) >= HIGH:
        analyse_engagement(customer_id)
    for row, at in _spread(_of(Interaction, customer_id)):
        row.created_at = at
    for entry, at in _spread(_of(PointsEntry, customer_id)):
        entry.at, entry.day = at, at.date()
    told = _of(Notification, customer_id)
    for number, (row, at) in enumerate(_spread(told)):
        row.created_at = at
        row.read_at = None if number >= len(told) - UNREAD else at + APART / 4
    db.session.flush()


def _of(model: Any, customer_id: int) -> Sequence[Any]:
    return db.session.scalars(select(model).where(model.customer_id == customer_id).order_by(model.id)).all()


def _spread(rows: Sequence[Any]) -> Iterator[tuple[Any, datetime]]:
    """Yield `rows` with moments as if they had been made one after the other, the last one just now."""
    now = clock.now()
    for age, row in zip(reversed(range(len(rows))), rows, strict=True):
        yield row, now - age * APART
