"""A customer's own first page: `/me`."""

from flask import Blueprint, render_template

from wihy.core.access import allow, customer, who_asks
from wihy.customers.queries import list_records
from wihy.customers.service import get_customer

routes = Blueprint("web_me", __name__)
RECORDS_SHOWN = 20


@routes.get("/me")
@allow(customer)
def show_me() -> str:
    """Greet the customer, and show what is known of them and kept for them."""
    me = get_customer(int(who_asks().id))
    page = list_records(limit=RECORDS_SHOWN, customer_id=me.id)
    return render_template("web/me.html", me=me, records=page.records, has_more=page.next_place is not None)
