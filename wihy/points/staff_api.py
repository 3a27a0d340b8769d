"""A customer's points, as staff read them: `/api/customers/<id>/points`."""

from flask import Blueprint

from wihy.core.access import allow, staff
from wihy.core.database import transaction
from wihy.core.openapi import Answer, answers, spec
from wihy.core.paging import Cursor
from wihy.customers.service import get_customer
from wihy.points.queries import ListedEntry, balance_of, list_entries
from wihy.points.schemas import (
    BalanceJson,
    CustomerPointsAnswer,
    EntryList,
    NewReversal,
    ReversalAnswer,
    StaffEntryJson,
)
from wihy.points.service import reverse

routes = Blueprint("points_staff_api", __name__)
TAGS = ["Points"]
READ, WRITE = "customers:read", "customers:write"


@routes.get("")
@allow(staff(READ))
@spec.validate(resp=answers(CustomerPointsAnswer, refusals=(401, 403, 404, 429)), tags=TAGS)
def tell_points_of(customer_id: int, query: EntryList) -> Answer:
    """Tell what a customer has, and what it comes from, newest first."""
    after = Cursor.from_text(query.cursor) if query.cursor else None
    get_customer(customer_id)
    page = list_entries(customer_id, limit=query.limit, after=after)
    return CustomerPointsAnswer.of(balance_of(customer_id), page)


@routes.post("/reversals")
@allow(staff(WRITE))
@spec.validate(
    resp=answers(ReversalAnswer, 201, refusals=(401, 403, 404, 409, 413, 415, 429)),
    tags=TAGS,
)
def create_reversal(customer_id: int, json: NewReversal) -> Answer:
    """Take back what an entry of a customer's brought

    Nothing is deleted: another entry takes the same amounts off, once for each entry. What was reversed is awarded no
    second time, and leaves no more room in its day. The customer sees the reversal; the reason is for staff.
    409 `ALREADY_REVERSED`, or `NOT_REVERSIBLE`: the entry is a reversal itself, or brought nothing.
    """
    with transaction():
        reversal = reverse(customer_id, json.entry_id, json.reason)
        balance = balance_of(customer_id)
    entry = StaffEntryJson.of(ListedEntry(reversal, is_reversed=False))
    return ReversalAnswer(entry=entry, balance=BalanceJson.model_validate(balance)), 201
