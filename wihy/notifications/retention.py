"""How long notifications are kept: who has read one has had its news, who has not may still look for it."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, delete, or_, select

from wihy.core import clock
from wihy.core.database import db, transaction
from wihy.core.jobs import is_stopping
from wihy.notifications.models import Notification

KEPT_READ = timedelta(days=90)  # since it was read
KEPT_UNREAD = timedelta(days=365)  # since it was made
BATCH = 1_000


def forget_old() -> None:
    """Delete notifications whose time is over, some in a transaction, until none is left or the worker is to end."""
    while not is_stopping():
        with transaction():
            ids = db.session.scalars(_old().limit(BATCH)).all()
            db.session.execute(delete(Notification).where(Notification.id.in_(ids)))
        if len(ids) < BATCH:
            return


def _old() -> Select[UUID]:
    now = clock.now()
    return select(Notification.id).where(
        Notification.created_at < now - KEPT_READ,  # for the index: nothing is read before it is made
        or_(Notification.read_at < now - KEPT_READ, Notification.created_at < now - KEPT_UNREAD),
    )
