"""What can be done with notifications."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import update

from wihy.core import clock
from wihy.core.database import db
from wihy.core.facts import announce
from wihy.core.texts import DEFAULT
from wihy.notifications.facts import NotificationMade
from wihy.notifications.mails import find_recipient, put_notification_mail
from wihy.notifications.models import Notification
from wihy.notifications.queries import Told, get_told, is_shown_to
from wihy.notifications.words import write


def notify(
    customer_id: int, template: str, details: Mapping[str, Any] | None = None, *, mail: bool = False
) -> None:
    """Put a notification into the customer's inbox (flushed), and with `mail` into their mail too, if they have any.

    `template` is one of `words.TEMPLATES`, `details` what it takes, as JSON can hold it. At most `MOST_MAILS` leave an
    hour, so mails for one customer wait for each other until the transaction ends: who notifies several goes by their
    ids. Raises `KeyError` for a template or a detail that is missing.
    """
    details = dict(details or {})
    write(template, details, DEFAULT)  # a mistake shows here, not in the inbox
    recipient = find_recipient(customer_id) if mail else None
    notification = Notification(
        customer_id=customer_id,
        template=template,
        details=details,
        created_at=clock.now(),
        mailed=recipient is not None,
    )
    db.session.add(notification)
    db.session.flush()
    if recipient is not None:
        put_notification_mail(notification, recipient)
    announce(NotificationMade(customer_id, notification.id))


def mark_read(notification_id: UUID, customer_id: int) -> Told:
    """Note that the customer has read the notification, unless it was noted before; raises `NotFound`."""
    now_read = update(Notification).where(
        Notification.id == notification_id, is_shown_to(customer_id), Notification.read_at.is_(None)
    )
    db.session.execute(now_read.values(read_at=clock.now()))
    return get_told(notification_id, customer_id)


def mark_all_read(customer_id: int) -> None:
    """Note that the customer has read all that they were told until now."""
    unread = update(Notification).where(is_shown_to(customer_id), Notification.read_at.is_(None))
    db.session.execute(unread.values(read_at=clock.now()))
