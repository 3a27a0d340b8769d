"""A customer's points, as staff read them: `/api/customers/<id>/points`."""

from flask import Blueprint

from wihy.core.access import allow, staff
from wihy.core.openapi import Answer, answers, spec
from wihy.core.paging import Cursor
from wihy.customers.service import get_customer
from wihy.points.queries import balance_of, list_entries
from wihy.points.schemas import CustomerPointsAnswer, EntryList

routes = Blueprint("points_staff_api", __name__)
TAGS = ["Points"]
READ = "customers:read"


@routes.get("")
@allow(staff(READ))
@spec.validate(resp=answers(CustomerPointsAnswer, refusals=(401, 403, 404, 429)), tags=TAGS)
def tell_points_of(customer_id: int, query: EntryList) -> Answer:
    """Tell what a customer has, and what it comes from, newest first."""
    after = Cursor.from_text(query.cursor) if query.cursor else None
    get_customer(customer_id)
    page = list_entries(customer_id, limit=query.limit, after=after)
    return CustomerPointsAnswer.of(balance_of(customer_id), page)
