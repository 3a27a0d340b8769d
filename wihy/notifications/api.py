"""A customer's notifications: `/api/customer/notifications`."""

from uuid import UUID

from flask import Blueprint

from wihy.core.access import allow, customer, who_asks
from wihy.core.idempotency import idempotent
from wihy.core.openapi import Answer, answers, spec
from wihy.core.paging import Cursor
from wihy.customers.service import get_customer
from wihy.notifications.queries import count_unread, read_inbox
from wihy.notifications.schemas import (
    AllReadAnswer,
    InboxAnswer,
    NotificationJson,
    NotificationList,
    ReadAnswer,
    ReadJson,
    UnreadJson,
)
from wihy.notifications.service import mark_all_read, mark_read

routes = Blueprint("notifications_api", __name__)
TAGS = ["Notifications"]


@routes.get("")
@allow(customer)
@spec.validate(resp=answers(InboxAnswer), tags=TAGS)
def list_own_notifications(query: NotificationList) -> Answer:
    """List your notifications, the newest first

    They are in the language that is set for the customer now, whatever it was when they were made. Read ones are kept
    for 90 days, others for a year.
    """
    after = Cursor.from_text(query.cursor) if query.cursor else None
    return InboxAnswer.of(read_inbox(get_customer(_own_id()), limit=query.limit, after=after))


@routes.post("/<uuid:notification_id>/read")
@allow(customer)
@idempotent
@spec.validate(resp=answers(ReadAnswer, refusals=(401, 403, 404, 429)), tags=TAGS)
def read_one(notification_id: UUID) -> Answer:
    """Mark a notification as read

    One that was read before keeps its moment. 404: there is none, or it is another customer's.
    """
    customer_id = _own_id()
    told = NotificationJson.of(mark_read(notification_id, customer_id))
    return ReadAnswer(data=ReadJson(unread=count_unread(customer_id), notification=told))


@routes.post("/read-all")
@allow(customer)
@idempotent
@spec.validate(resp=answers(AllReadAnswer), tags=TAGS)
def read_all() -> Answer:
    """Mark all notifications as read

    `unread` is not 0 where another one came at the same moment.
    """
    customer_id = _own_id()
    mark_all_read(customer_id)
    return AllReadAnswer(data=UnreadJson(unread=count_unread(customer_id)))


def _own_id() -> int:
    return int(who_asks().id)
