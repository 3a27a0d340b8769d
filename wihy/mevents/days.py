"""How many interactions a customer may have in a day of theirs: exact, whoever else writes at the same time.

A day ends at a moment that is fixed when it begins: a time zone that changes in the middle of it holds from the next.
"""

import math
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from wihy.core import clock
from wihy.core.database import db, insert_new
from wihy.core.settings import settings
from wihy.mevents.models import InteractionDay
from wihy.mevents.refusals import MaxInteractionsExceeded


def take_place(customer_id: int, zone: str) -> None:
    """Count one more interaction of the customer today; until the transaction ends, others of theirs wait.

    Raises `MaxInteractionsExceeded` when there were `MAX_INTERACTIONS_PER_DAY`.
    """
    day = _lock_day(customer_id)
    now = clock.now()
    if day.ends_at <= now:
        day.ends_at, day.count = next_midnight(now, zone), 0
    if day.count >= settings().max_interactions_per_day:
        raise MaxInteractionsExceeded(math.ceil((day.ends_at - now).total_seconds()))
    day.count += 1
    db.session.flush()


def next_midnight(now: datetime, zone: str) -> datetime:
    """Return when the day that it is in `zone` ends: later than `now`, also where clocks skip or repeat midnight."""
    there = ZoneInfo(zone)
    tomorrow = now.astimezone(there).date() + timedelta(days=1)
    first = datetime.combine(tomorrow, time(), there)
    midnights = (first, first.replace(fold=1))
    return next(end for end in (one.astimezone(UTC) for one in midnights) if end > now)


def _lock_day(customer_id: int) -> InteractionDay:
    found = select(InteractionDay).where(InteractionDay.customer_id == customer_id).with_for_update()
    found = found.execution_options(populate_existing=True)
    day = db.session.scalar(found)
    if day is None:
        over = {"customer_id": customer_id, "ends_at": datetime(1970, 1, 1, tzinfo=UTC), "count": 0}
        insert_new(InteractionDay, [over])
        day = db.session.scalars(found).one()
    return day
