"""Awards that failed: kept with the change that earned them, and tried again until they are entered."""

import logging
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select

from wihy.core import clock
from wihy.core.database import db, insert_new, transaction
from wihy.core.ids import new_id
from wihy.core.jobs import is_stopping
from wihy.points.awards import Award
from wihy.points.ledger import enter_award, lock_balance
from wihy.points.models import PendingAward

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)

logger = logging.getLogger(__name__)


def owe(customer_id: int, award: Award, reference: str, earned_at: datetime, error: str) -> None:
    """Have the award tried again; `error` is the name of what went wrong. One that is owed already stays as it is."""
    row = {
        "id": new_id(),
        "customer_id": customer_id,
        "action": award.action,
        "reference": reference,
        "points": award.points,
        "credit_cents": award.credit_cents,
        "earned_at": earned_at,
        "attempts": 1,
        "next_try_at": clock.now() + pause_after(1),
        "error": error,
    }
    insert_new(PendingAward, [row])


def retry_pending() -> None:
    """Try all awards that are due, each in a transaction of its own; they count towards the day they were earned in.

    An award is never given up: it is owed. Its pauses double up to six hours, and the log tells each failure.
    """
    while not is_stopping() and _retry_next():
        pass


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait: twice as long each time, and never the same for two, lest all come back at once."""
    doubled: timedelta = FIRST_PAUSE * 2 ** min(attempts - 1, 16)
    return min(doubled, LONGEST_PAUSE) * (0.75 + secrets.randbelow(1000) / 2000)


def _retry_next() -> bool:
    """Try the award that has been due for longest; returns whether there was one."""
    is_due = PendingAward.next_try_at <= clock.now()
    if db.session.scalar(select(PendingAward.id).where(is_due).limit(1)) is None:
        return False  # most of the time: nothing to write
    oldest = select(PendingAward).where(is_due).order_by(PendingAward.next_try_at).limit(1)
    with transaction():
        unlocked = oldest.with_for_update(skip_locked=True).execution_options(populate_existing=True)
        owed = db.session.scalar(unlocked)
        if owed is None:
            return False
        _retry(owed)
    return True


def _retry(owed: PendingAward) -> None:
    award = Award(owed.action, owed.points, owed.credit_cents)
    try:
        with db.session.begin_nested():
            enter_award(lock_balance(owed.customer_id), award, owed.reference, owed.earned_at)
            db.session.delete(owed)
    except Exception as error:  # whatever it is, the award stays owed
        owed.attempts += 1
        owed.next_try_at = clock.now() + pause_after(owed.attempts)
        owed.error = type(error).__name__[:64]
        logger.error("award %s failed at attempt %d: %s", owed.id, owed.attempts, owed.error)
