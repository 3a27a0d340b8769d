"""What can be done with customers, but for signing in: that is the accounts' room."""

from collections.abc import Mapping, Sequence
from typing import Any

from wihy.audit.service import record
from wihy.core import clock
from wihy.core.database import db
from wihy.core.errors import NotFound
from wihy.core.facts import announce
from wihy.customers.facts import CustomerChanged, CustomerCreated, CustomerDeactivated
from wihy.customers.models import Customer
from wihy.customers.queries import find_customer

RECORDED = ("language", "timezone", "denied_permissions", "active")
PERSONAL = ("email", "display_name")
SIGN_IN_COLUMN = "password_hash"


def get_customer(customer_id: int, *, lock: bool = False) -> Customer:
    """Return the customer; raises `NotFound`. `lock`: until the transaction ends, others only read it."""
    customer = find_customer(customer_id, lock=lock)
    if customer is None:
        raise NotFound
    return customer


def create_customer(customer_id: int, values: Mapping[str, Any]) -> Customer:
    """Store a new customer (flushed) with these columns; the id must be free."""
    now = clock.now()
    customer = Customer(id=customer_id, created_at=now, updated_at=now, **values)
    db.session.add(customer)
    db.session.flush()
    _record("CUSTOMER_CREATED", customer, tuple(values))
    announce(CustomerCreated(customer_id))
    return customer


def change_customer(customer: Customer, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Set columns of `customer` (flushed); returns the names of those that have another value now."""
    changed = tuple(name for name, value in values.items() if getattr(customer, name) != value)
    for name in changed:
        setattr(customer, name, values[name])
    if changed:
        customer.updated_at = clock.now()
        db.session.flush()
        announce(CustomerChanged(customer.id, changed))
    if "active" in changed:
        record("CUSTOMER_ACTIVATED" if customer.active else "CUSTOMER_DEACTIVATED", customer.principal)
        if not customer.active:
            announce(CustomerDeactivated(customer.id))
    if set(changed) - {"active"}:
        _record("CUSTOMER_CHANGED", customer, changed)
    return changed


def _record(action: str, customer: Customer, columns: Sequence[str]) -> None:
    """Write down what the columns were set to; of a password only whether there is one."""
    details = {name: getattr(customer, name) for name in columns if name in RECORDED}
    if SIGN_IN_COLUMN in columns:
        details["password"] = "set" if customer.password_hash else "none"
    personal = {name: getattr(customer, name) for name in columns if name in PERSONAL}
    record(action, customer.principal, details=details, personal=personal)
