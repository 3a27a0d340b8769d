"""A customer's own points: `/api/customer/points`."""

from flask import Blueprint

from wihy.core.access import allow, customer, who_asks
from wihy.core.openapi import Answer, answers, spec
from wihy.core.paging import Cursor
from wihy.points.queries import balance_of, list_entries
from wihy.points.schemas import EntryList, PointsAnswer

routes = Blueprint("points_api", __name__)
TAGS = ["Points"]


@routes.get("")
@allow(customer)
@spec.validate(resp=answers(PointsAnswer), tags=TAGS)
def tell_points(query: EntryList) -> Answer:
    """Tell what the signed-in customer has, and what it comes from

    The newest entry first. An award over the day's limit is listed as `capped`, with nothing.
    """
    customer_id = int(who_asks().id)
    after = Cursor.from_text(query.cursor) if query.cursor else None
    page = list_entries(customer_id, limit=query.limit, after=after)
    return PointsAnswer.of(balance_of(customer_id), page)
