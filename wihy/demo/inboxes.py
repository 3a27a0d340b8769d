"""What the demo's customers were told in the days before: some of it they have read."""

from collections.abc import Iterable
from datetime import timedelta

from wihy.core import clock
from wihy.core.database import db
from wihy.notifications.models import Notification

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# (how long ago, template, details, whether it was read)
TOLD = (
    (6 * DAY, "points_awarded", {"points": 5}, True),
    (4 * DAY, "points_awarded", {"points": 0}, True),
    (2 * DAY, "high_engagement", {"interactions": 21, "events": 3, "points": 20}, False),
    (3 * HOUR, "points_awarded", {"points": 5}, False),
)


def fill_inboxes(customer_ids: Iterable[int]) -> None:
    """Store what these customers were told; nobody hears of it, for it is long past."""
    now = clock.now()
    for customer_id in customer_ids:
        for ago, template, details, is_read in TOLD:
            at = now - ago
            db.session.add(
                Notification(
                    customer_id=customer_id,
                    template=template,
                    details=details,
                    created_at=at,
                    read_at=at + HOUR if is_read else None,
                )
            )
    db.session.flush()
