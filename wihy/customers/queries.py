"""Reading customers and their records."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import Select, and_, or_, select

from wihy.core.database import db
from wihy.customers.models import IDS, LARGEST_ID, Customer, RecordKind, ServiceRecord


class CustomerPage(NamedTuple):
    """Some customers, and the id behind which the next ones begin (None: there are no more)."""

    customers: Sequence[Customer]
    next_cursor: int | None


class RecordPlace(NamedTuple):
    """The place behind a record in the order of lists: by kind, then the highest id first."""

    kind: str
    id: int


class RecordPage(NamedTuple):
    """Some records, and where the next ones begin (None: there are no more)."""

    records: Sequence[ServiceRecord]
    next_place: RecordPlace | None


def find_customer(customer_id: int, *, lock: bool = False) -> Customer | None:
    """Return the customer as it is in the database now; `lock`: until the transaction ends, others only read it."""
    if customer_id not in IDS:
        return None
    return _one_customer(select(Customer).where(Customer.id == customer_id), lock)


def find_customer_by_email(email: str, *, lock: bool = False) -> Customer | None:
    """Return the customer with that (normalised) e-mail."""
    return _one_customer(select(Customer).where(Customer.email == email), lock)


def ids_of_customers(ids: Collection[int]) -> set[int]:
    """Return those of `ids` that are customers'."""
    return set(db.session.scalars(select(Customer.id).where(Customer.id.in_(ids)))) if ids else set()


def list_customers(
    *, limit: int, q: str = "", active: bool | None = None, after: int | None = None
) -> CustomerPage:
    """Return at most `limit` customers behind `after`, the highest id first.

    `q` is part of a name or an e-mail, or an id; `active`: whether they may sign in.
    """
    found = select(Customer)
    if q:
        texts = [column.icontains(q, autoescape=True) for column in (Customer.display_name, Customer.email)]
        found = found.where(or_(*texts, *([Customer.id == int(q)] if _is_id(q) else [])))
    if active is not None:
        found = found.where(Customer.active == active)
    if after is not None:
        found = found.where(Customer.id < after)
    rows = db.session.scalars(found.order_by(Customer.id.desc()).limit(limit + 1)).all()
    return CustomerPage(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


def find_record(kind: RecordKind, record_id: int) -> ServiceRecord | None:
    """Return the record, whoever's it is."""
    if record_id not in IDS:
        return None
    return db.session.get(ServiceRecord, (str(kind), record_id), populate_existing=True)


def find_own_record(kind: RecordKind, record_id: int, customer_id: int) -> ServiceRecord | None:
    """Return the record if that customer may refer to it: their own, or one that is offered to all.

    Another customer's is not told apart from one that does not exist.
    """
    record = find_record(kind, record_id)
    return record if record and record.customer_id in (None, customer_id) else None


def list_records(
    *,
    limit: int,
    customer_id: int | None = None,
    kind: RecordKind | None = None,
    after: RecordPlace | None = None,
) -> RecordPage:
    """Return at most `limit` records behind `after`, by kind, then the highest id first."""
    found = select(ServiceRecord)
    if customer_id is not None:
        found = found.where(ServiceRecord.customer_id == customer_id)
    if kind is not None:
        found = found.where(ServiceRecord.kind == kind)
    if after is not None:
        same_kind = and_(ServiceRecord.kind == after.kind, ServiceRecord.id < after.id)
        found = found.where(or_(ServiceRecord.kind > after.kind, same_kind))
    ordered = found.order_by(ServiceRecord.kind, ServiceRecord.id.desc())
    rows = db.session.scalars(ordered.limit(limit + 1)).all()
    last = rows[limit - 1] if len(rows) > limit else None
    return RecordPage(rows[:limit], RecordPlace(last.kind, last.id) if last else None)


def _one_customer(found: Select[Customer], lock: bool) -> Customer | None:
    found = found.execution_options(populate_existing=True)
    return db.session.scalar(found.with_for_update() if lock else found)


def _is_id(text: str) -> bool:
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST_ID))
    return is_number and int(text) in IDS
