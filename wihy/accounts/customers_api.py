"""Customers of host applications: `/api/customers`."""

from flask import Blueprint, Response

from wihy.accounts.caller import caller
from wihy.accounts.customer_schemas import (
    CustomerAnswer,
    CustomerChanges,
    CustomerJson,
    CustomerList,
    CustomersAnswer,
    CustomerTokenAnswer,
    TokenWish,
)
from wihy.accounts.customers import end_customer_sessions, mint_token, password_hash_of, put_customer
from wihy.accounts.schemas import Done
from wihy.core.access import allow, staff
from wihy.core.bodies import read_json
from wihy.core.database import transaction
from wihy.core.openapi import Answer, answers, describe, spec
from wihy.customers.queries import list_customers
from wihy.customers.service import get_customer

routes = Blueprint("customers_api", __name__)
TAGS = ["Customers"]
READ, WRITE, TOKEN = "customers:read", "customers:write", "customers:token"
ONE = "/<int:customer_id>"


@routes.get("")
@allow(staff(READ))
@spec.validate(resp=answers(CustomersAnswer), tags=TAGS)
def list_all_customers(query: CustomerList) -> Answer:
    """List customers, the highest id first."""
    active = None if query.active is None else query.active == "true"
    page = list_customers(limit=query.limit, q=query.q, active=active, after=query.cursor)
    return CustomersAnswer(
        customers=[CustomerJson.model_validate(customer) for customer in page.customers],
        next_cursor=str(page.next_cursor) if page.next_cursor else None,
    )


@routes.get(ONE)
@allow(staff(READ), key=WRITE)
@spec.validate(resp=answers(CustomerAnswer, refusals=(401, 403, 404, 429)), tags=TAGS)
def tell_customer(customer_id: int) -> Answer:
    """Tell one customer."""
    return CustomerAnswer(customer=CustomerJson.model_validate(get_customer(customer_id)))


@routes.put(ONE)
@allow(staff(WRITE), key=WRITE)
@spec.validate(
    resp=answers(CustomerAnswer, refusals=(401, 403, 409, 413, 415, 429), HTTP_201=CustomerAnswer), tags=TAGS
)
def store_customer(customer_id: int, json: CustomerChanges) -> Answer:
    """Store a customer under the id they have in your application: 201 new, 200 changed.

    What is left out stays, `null` clears. A deactivation, a new password and the end of one end all sessions.
    409 `EMAIL_TAKEN`: another account, of a customer or of staff, has this e-mail.
    """
    password_hash = password_hash_of(json)
    with transaction():
        stored = put_customer(customer_id, json, password_hash)
    answer = CustomerAnswer(customer=CustomerJson.model_validate(stored.customer))
    return answer, 201 if stored.is_new else 200


@routes.post(f"{ONE}/token")
@allow(staff(TOKEN), key=TOKEN)
@describe(
    json=TokenWish,
    resp=answers(CustomerTokenAnswer, refusals=(401, 403, 404, 409, 413, 415, 429)),
    tags=TAGS,
)
def create_token(customer_id: int) -> Response:
    """Mint a token that acts as the customer

    Each has a session of its own, and ends with it, when it expires, or after SESSION_TIMEOUT_HOURS without use. The
    body may be left out. 409 `CUSTOMER_INACTIVE`: they are deactivated.
    """
    wish = read_json(TokenWish, optional=True)
    with transaction():
        minted = mint_token(customer_id, wish.expires_in_seconds, caller().user_agent)
    answer = CustomerTokenAnswer(token=minted.token, expires_at=minted.expires_at)
    return Response(answer.model_dump_json(), mimetype="application/json")


@routes.delete(f"{ONE}/sessions")
@allow(staff(WRITE), key=(TOKEN, WRITE))
@spec.validate(resp=answers(Done, refusals=(401, 403, 404, 429)), tags=TAGS)
def delete_sessions(customer_id: int) -> Answer:
    """Sign a customer out everywhere: every token of theirs ends at once."""
    with transaction():
        end_customer_sessions(customer_id)
    return Done()
