"""What the demo's customers have earned in the last weeks."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from wihy.core import clock
from wihy.points.awards import (
    HIGH_ENGAGEMENT,
    INTERACTION,
    SUPPORT_INTERACTION,
    SUPPORT_TICKET_CREATED,
    TICKET_CLOSURE,
    Award,
)
from wihy.points.ledger import enter, lock_balance
from wihy.points.models import PointsEntry

# (hours ago, what for, reference), the oldest first
EARNED: tuple[tuple[int, Award, str], ...] = (
    (612, INTERACTION, "interaction:1"),
    (588, INTERACTION, "interaction:2"),
    (580, SUPPORT_INTERACTION, "ticket:1:created"),
    (515, TICKET_CLOSURE, "ticket:1:closed"),
    (420, INTERACTION, "interaction:3"),
    (300, HIGH_ENGAGEMENT, "engagement:684"),
    (170, INTERACTION, "interaction:4"),
    (98, SUPPORT_TICKET_CREATED, "ticket:2:created"),
    (49, INTERACTION, "interaction:5"),
    (3, INTERACTION, "interaction:6"),
)


def put_points(customer_id: int, zone: str, most: int) -> None:
    """Enter the last `most` of what a customer has earned, as if it had been awarded then (flushed)."""
    balance, now = lock_balance(customer_id), clock.now()
    for hours, award, reference in EARNED[-most:]:
        at = now - timedelta(hours=hours)
        entry = PointsEntry(
            customer_id=customer_id,
            action=award.action,
            reference=reference,
            points=award.points,
            credit_cents=award.credit_cents,
            day=at.astimezone(ZoneInfo(zone)).date(),
            at=at,
        )
        enter(entry, balance)
