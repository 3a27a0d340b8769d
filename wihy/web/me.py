"""A customer's own first page: `/me`."""

from typing import Any

from flask import Blueprint, render_template, request

from wihy.core.access import allow, customer, who_asks
from wihy.core.paging import find_cursor
from wihy.customers.models import IDS, LARGEST_ID, Customer
from wihy.customers.queries import list_records
from wihy.customers.service import get_customer
from wihy.mevents.queries import list_activity
from wihy.mevents.urls import ACTIVITY, activity_url
from wihy.notifications.queries import read_inbox
from wihy.notifications.urls import INBOX, inbox_url
from wihy.web.customer_points import shown_points

routes = Blueprint("web_me", __name__)
RECORDS_SHOWN = 20
NOTIFICATIONS_SHOWN = 5
ENTRIES_SHOWN = 5
ACTIVITIES_SHOWN = 8


@routes.get("/me")
@allow(customer)
def show_me() -> str:
    """Greet the customer, and show what is known of them and kept for them."""
    me = get_customer(int(who_asks().id))
    page = list_records(limit=RECORDS_SHOWN, customer_id=me.id)
    return render_template(
        "web/me.html",
        me=me,
        records=page.records,
        has_more=page.next_place is not None,
        points=shown_points(me.id, "/me", limit=ENTRIES_SHOWN),
        **_inbox(me),
        **_activity(me),
    )


def _inbox(me: Customer) -> dict[str, Any]:
    """Return what `notifications/_inbox.html` takes."""
    after = find_cursor(request.args.get("notifications", ""))
    inbox = read_inbox(me, limit=NOTIFICATIONS_SHOWN, after=after)
    return {
        "inbox": inbox,
        "inbox_after": after.to_text() if after else "",
        "inbox_older_url": inbox_url(inbox.next_cursor) if inbox.next_cursor else None,
        "inbox_newest_url": INBOX if after else None,
    }


def _activity(me: Customer) -> dict[str, Any]:
    """Return what `mevents/_activity.html` takes; an address that says nothing of use begins the list anew."""
    text = request.args.get("activity", "")
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST_ID))
    after = int(text) if is_number and int(text) in IDS else None
    page = list_activity(me.id, limit=ACTIVITIES_SHOWN, after=after)
    return {
        "activities": page.activities,
        "older_activities": activity_url(page.next_cursor) if page.next_cursor else None,
        "newest_activities": ACTIVITY if after else None,
    }
