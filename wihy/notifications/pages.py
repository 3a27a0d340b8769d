"""The forms of the inbox on a customer's page, which they come back to: `/notifications/…`."""

from uuid import UUID

from flask import Blueprint, redirect, request
from werkzeug import Response

from wihy.core.access import allow, customer, who_asks
from wihy.core.database import transaction
from wihy.core.paging import find_cursor
from wihy.notifications.service import mark_all_read, mark_read
from wihy.notifications.urls import INBOX, inbox_url

routes = Blueprint("notifications", __name__, url_prefix="/notifications")


@routes.post("/<uuid:notification_id>/read")
@allow(customer)
def read_one(notification_id: UUID) -> Response:
    """Mark a notification as read, and show the part of the inbox that it stands in."""
    with transaction():
        mark_read(notification_id, int(who_asks().id))
    return redirect(inbox_url(find_cursor(request.form.get("after", ""))), 303)


@routes.post("/read-all")
@allow(customer)
def read_all() -> Response:
    """Mark all notifications as read."""
    with transaction():
        mark_all_read(int(who_asks().id))
    return redirect(INBOX, 303)
