"""Customers' accounts: what a host application keeps of them, and the tokens it mints in their name."""

from datetime import datetime, timedelta
from typing import NamedTuple

from wihy.accounts import passwords, sessions, tokens
from wihy.accounts.customer_schemas import CustomerChanges as CustomerChanges
from wihy.accounts.emails import claim_email
from wihy.audit.service import record
from wihy.core.database import wait_for_turn
from wihy.core.errors import Conflict, InvalidRequest, NotFound
from wihy.core.settings import settings
from wihy.customers.models import IDS, Customer
from wihy.customers.queries import find_customer
from wihy.customers.service import change_customer, create_customer, get_customer

ENDS_SESSIONS = "password_hash"


class CustomerInactive(Conflict):
    """Nobody can act as a customer who is deactivated."""

    code, message = "CUSTOMER_INACTIVE", "This customer is deactivated"


class Stored(NamedTuple):
    """A customer, and whether they are new."""

    customer: Customer
    is_new: bool


class Minted(NamedTuple):
    """A customer's new token, and when it expires."""

    token: str
    expires_at: datetime


def password_hash_of(changes: CustomerChanges) -> dict[str, str | None]:
    """Return the column that the password in `changes` sets, nothing where none is named.

    Hashing takes long on purpose: call it outside a transaction.
    """
    if "password" not in changes.model_fields_set:
        return {}
    return {ENDS_SESSIONS: passwords.hash_aside(changes.password) if changes.password else None}


def put_customer(customer_id: int, changes: CustomerChanges, password_hash: dict[str, str | None]) -> Stored:
    """Store the customer, new or changed. A deactivation, a new password and the end of one end all sessions.

    Raises `NotFound` for what can be no id, and `EmailTaken`.
    """
    if customer_id not in IDS:
        raise NotFound
    wait_for_turn(f"customer {customer_id}")
    customer = find_customer(customer_id, lock=True)
    values = changes.given() | password_hash
    if values.get("email"):
        claim_email(values["email"], customer.principal if customer else None)
    if customer is None:
        return Stored(create_customer(customer_id, values), is_new=True)
    changed = change_customer(customer, values)
    if ENDS_SESSIONS in changed or not customer.active:
        sessions.end_sessions(customer.principal)
    return Stored(customer, is_new=False)


def mint_token(customer_id: int, expires_in_seconds: int | None, user_agent: str) -> Minted:
    """Open a session of the customer and return its token; `user_agent` is of the program that asked.

    Raises `NotFound`, `CustomerInactive`, or `InvalidRequest` for more than `JWT_EXPIRY`.
    """
    longest = settings().jwt_expiry
    if expires_in_seconds is not None and expires_in_seconds > longest.total_seconds():
        raise InvalidRequest.at("expiresInSeconds", f"use at most {int(longest.total_seconds())}")
    lifetime = longest if expires_in_seconds is None else timedelta(seconds=expires_in_seconds)
    customer = get_customer(customer_id, lock=True)
    if not customer.active:
        raise CustomerInactive
    session = sessions.open_session(customer.principal, user_agent)
    token = tokens.issue(customer.principal, session.id, lifetime)
    expires_at = tokens.expiry_of(token)
    details = {"session_id": session.id, "expires_at": expires_at}
    record("CUSTOMER_TOKEN_MINTED", customer.principal, details=details)
    return Minted(token, expires_at)


def end_customer_sessions(customer_id: int) -> None:
    """End all sessions of the customer, and with them every token; raises `NotFound`."""
    sessions.end_sessions(get_customer(customer_id).principal)
