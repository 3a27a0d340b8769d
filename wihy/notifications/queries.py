"""Reading inboxes."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Self
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, tuple_

from wihy.core.database import db
from wihy.core.errors import NotFound
from wihy.core.paging import Cursor
from wihy.core.texts import known
from wihy.customers.models import Customer
from wihy.notifications.models import Notification
from wihy.notifications.words import TEMPLATES, write


class Told(NamedTuple):
    """A notification in words, as plain text."""

    id: UUID
    template: str
    title: str
    body: str
    language: str
    created_at: datetime
    read_at: datetime | None

    @classmethod
    def of(cls, notification: Notification, language: str) -> Self:
        """Return what `notification` says in `language`, or in English where that is none of ours."""
        language = known(language)
        words = write(notification.template, notification.details, language)
        columns = {name: getattr(notification, name) for name in ("id", "template", "created_at", "read_at")}
        return cls(title=words.title, body=words.body, language=language, **columns)


class Inbox(NamedTuple):
    """Some notifications, how many of all are unread, and where the next ones begin (None: there are no more)."""

    unread: int
    told: Sequence[Told]
    next_cursor: Cursor | None


def read_inbox(customer: Customer, *, limit: int, after: Cursor | None = None) -> Inbox:
    """Return at most `limit` notifications behind `after`, the newest first, in the customer's language of today."""
    found = select(Notification).where(is_shown_to(customer.id))
    order = (Notification.created_at, Notification.id)
    if after is not None:
        found = found.where(tuple_(*order) < tuple_(after.at, after.id))
    found = found.order_by(*(column.desc() for column in order)).limit(limit + 1)
    rows = db.session.scalars(found).all()
    told = [Told.of(notification, customer.language) for notification in rows[:limit]]
    next_cursor = Cursor(told[-1].created_at, told[-1].id) if len(rows) > limit else None
    return Inbox(count_unread(customer.id), told, next_cursor)


def get_told(notification_id: UUID, customer_id: int) -> Told:
    """Return the customer's notification in their language of today; raises `NotFound`, also for another's."""
    found = select(Notification, Customer.language).join(Customer, Customer.id == Notification.customer_id)
    found = found.where(Notification.id == notification_id, is_shown_to(customer_id))
    row = db.session.execute(found.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound
    notification, language = row
    return Told.of(notification, language)


def find_notification(notification_id: UUID) -> Notification | None:
    """Return the notification as it is in the database now, whoever's it is."""
    return db.session.get(Notification, notification_id, populate_existing=True)


def count_unread(customer_id: int) -> int:
    """Return how many notifications the customer has not read."""
    unread = select(func.count()).where(is_shown_to(customer_id), Notification.read_at.is_(None))
    return db.session.scalar(unread.select_from(Notification)) or 0


def is_shown_to(customer_id: int) -> ColumnElement[bool]:
    """Return the condition of who is shown a notification: whose it is, if this version of ours can say it."""
    return and_(Notification.customer_id == customer_id, Notification.template.in_(TEMPLATES))
