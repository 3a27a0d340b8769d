"""Reading inboxes."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Self
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, tuple_

from wihy.core.database import db
from wihy.core.paging import Cursor
from wihy.core.texts import known
from wihy.customers.models import Customer
from wihy.notifications.models import Notification
from wihy.notifications.words import TEMPLATES, write


class NotificationPage(NamedTuple):
    """Some notifications, and where the next ones begin (None: there are no more)."""

    notifications: Sequence[Notification]
    next_cursor: Cursor | None


class Told(NamedTuple):
    """A notification in words."""

    id: UUID
    template: str
    title: str
    body: str
    created_at: datetime
    read_at: datetime | None

    @classmethod
    def of(cls, notification: Notification, language: str) -> Self:
        """Return what `notification` says in `language`."""
        words = write(notification.template, notification.details, language)
        columns = {name: getattr(notification, name) for name in ("id", "template", "created_at", "read_at")}
        return cls(title=words.title, body=words.body, **columns)


class Inbox(NamedTuple):
    """A part of a customer's inbox, how much of all of it is unread, and in which language it is."""

    language: str
    unread: int
    told: Sequence[Told]
    next_cursor: Cursor | None


def read_inbox(customer: Customer, *, limit: int, after: Cursor | None = None) -> Inbox:
    """Return at most `limit` notifications behind `after`, the newest first, in the customer's language of today."""
    language = known(customer.language)
    page = list_notifications(customer.id, limit=limit, after=after)
    told = [Told.of(notification, language) for notification in page.notifications]
    return Inbox(language, count_unread(customer.id), told, page.next_cursor)


def find_notification(notification_id: UUID) -> Notification | None:
    """Return the notification as it is in the database now, whoever's it is."""
    return db.session.get(Notification, notification_id, populate_existing=True)


def list_notifications(customer_id: int, *, limit: int, after: Cursor | None = None) -> NotificationPage:
    """Return at most `limit` notifications of the customer behind `after`, the newest first."""
    found = select(Notification).where(is_shown_to(customer_id))
    order = (Notification.created_at, Notification.id)
    if after is not None:
        found = found.where(tuple_(*order) < tuple_(after.at, after.id))
    found = found.order_by(*(column.desc() for column in order)).limit(limit + 1)
    rows = db.session.scalars(found).all()
    page = rows[:limit]
    return NotificationPage(page, Cursor(page[-1].created_at, page[-1].id) if len(rows) > limit else None)


def count_unread(customer_id: int) -> int:
    """Return how many notifications the customer has not read."""
    unread = select(func.count()).where(is_shown_to(customer_id), Notification.read_at.is_(None))
    return db.session.scalar(unread.select_from(Notification)) or 0


def is_shown_to(customer_id: int) -> ColumnElement[bool]:
    """Return the condition of who is shown a notification: whose it is, if this version of ours can say it."""
    return and_(Notification.customer_id == customer_id, Notification.template.in_(TEMPLATES))
