"""What people and programs are called, for pages that show who did something."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select

from wihy.accounts.models import ApiKey, User
from wihy.core.access import Kind
from wihy.core.database import db
from wihy.customers.models import IDS, Customer

Id = TypeVar("Id")


def names_of(principals: Collection[str]) -> Mapping[str, str]:
    """Return principal → name, of those who are known: e-mails of staff, names of keys and customers."""
    users = select(User.id, User.email).where(User.id.in_(list(_ids(principals, Kind.STAFF, UUID))))
    keys = select(ApiKey.id, ApiKey.name).where(ApiKey.id.in_(list(_ids(principals, Kind.API_KEY, UUID))))
    numbers = [number for number in _ids(principals, Kind.CUSTOMER, int) if number in IDS]
    customers = select(Customer).where(Customer.id.in_(numbers))
    return {
        **{f"{Kind.STAFF}:{user_id}": email for user_id, email in db.session.execute(users)},
        **{f"{Kind.API_KEY}:{key_id}": name for key_id, name in db.session.execute(keys)},
        **{customer.principal: customer.name for customer in db.session.scalars(customers)},
    }


def find_principal(email: str) -> str | None:
    """Return whose e-mail this is: `staff:<uuid>` or `customer:<id>`."""
    user = db.session.scalar(select(User).where(User.email == email))
    customer = db.session.scalar(select(Customer).where(Customer.email == email))
    account = user or customer
    return account.principal if account else None


def _ids(principals: Collection[str], kind: Kind, read: Callable[[str], Id]) -> Iterator[Id]:
    """Yield the ids of those of that kind; what is none is nobody's."""
    for one in principals:
        if one.startswith(f"{kind}:"):
            with suppress(ValueError):
                yield read(one.partition(":")[2])
