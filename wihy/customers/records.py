"""Storing records of host applications: one, or many at once."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, and_, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from wihy.audit.service import record as audit
from wihy.core import clock
from wihy.core.database import db, is_postgresql, wait_for_turn
from wihy.core.errors import InvalidRequest, NotFound
from wihy.customers.models import IDS, RecordKind, ServiceRecord
from wihy.customers.queries import find_record, ids_of_customers
from wihy.customers.schemas import NamedRecord, RecordChanges

NEEDS_OWNER = "name the customer whose it is"
HAS_NO_OWNER = "is offered to all: it belongs to no customer"
NO_SUCH_CUSTOMER = "there is no such customer"

Key = tuple[str, int]


class Stored(NamedTuple):
    """How many records were new, and how many are changed."""

    created: int
    changed: int


class Problem(NamedTuple):
    """What keeps the record at that place of the list from being stored."""

    at: int
    field: str
    message: str


class Judged(NamedTuple):
    """Rows that can be stored, how many of them are there already, and what keeps the others from it."""

    rows: list[dict[str, Any]]
    known: int
    problems: list[Problem]


def get_record(kind: RecordKind, record_id: int) -> ServiceRecord:
    """Return the record, whoever's it is; raises `NotFound`."""
    record = find_record(kind, record_id)
    if record is None:
        raise NotFound
    return record


def put_record(kind: RecordKind, record_id: int, changes: RecordChanges) -> tuple[ServiceRecord, bool]:
    """Store a record; returns it, and whether it is new. Raises `NotFound` for what can be no id, `InvalidRequest`."""
    if record_id not in IDS:
        raise NotFound
    named = NamedRecord.model_validate(
        {"kind": kind, "id": record_id, **changes.model_dump(by_alias=True, exclude_unset=True)}
    )
    judged = judge([named])
    if judged.problems:
        raise InvalidRequest(details=[{"field": p.field, "message": p.message} for p in judged.problems])
    write(judged.rows)
    audit("RECORD_STORED", f"record:{kind}:{record_id}", details={"is_new": not judged.known})
    return get_record(kind, record_id), not judged.known


def put_records(records: Sequence[NamedRecord]) -> Stored:
    """Store all these records, or none; raises `InvalidRequest` with every problem (`records.<index>.<field>`)."""
    problems = [Problem(index, "id", "stands here twice") for index in _repeated(records)]
    judged = judge(records)
    problems += judged.problems
    if problems:
        details = [{"field": f"records.{p.at}.{p.field}", "message": p.message} for p in sorted(problems)]
        raise InvalidRequest(details=details)
    return write_all(judged)


def delete_record(kind: RecordKind, record_id: int) -> None:
    """Forget a record; raises `NotFound`."""
    db.session.delete(get_record(kind, record_id))
    db.session.flush()
    audit("RECORD_DELETED", f"record:{kind}:{record_id}")


def judge(records: Sequence[NamedRecord]) -> Judged:
    """Tell which of `records` (each named once) can be stored; until the transaction ends, nobody else stores any.

    A record of a customer names them, and one that is offered to all names none.
    """
    wait_for_turn("storing records")
    known = _find([record.key for record in records])
    customers = ids_of_customers({record.customer_id for record in records if record.customer_id})
    now = clock.now()
    rows, problems, changed = [], [], 0
    for index, record in enumerate(records):
        before = known.get(record.key)
        row = _row(record, before, now)
        message = _problem(record.kind, row["customer_id"], record.customer_id, customers)
        if message:
            problems.append(Problem(index, "customerId", message))
        else:
            rows.append(row)
            changed += before is not None
    return Judged(rows, changed, problems)


def write_all(judged: Judged) -> Stored:
    """Store all rows that can be stored; one entry of the audit log tells of them."""
    write(judged.rows)
    stored = Stored(len(judged.rows) - judged.known, judged.known)
    if judged.rows:
        kinds = Counter(row["kind"] for row in judged.rows)
        audit("RECORDS_STORED", "records", details={**stored._asdict(), "kinds": kinds})
    return stored


def write(rows: list[dict[str, Any]]) -> None:
    """Store `rows`, new or changed."""
    insert = (postgresql if is_postgresql() else sqlite).insert(cast(Table, ServiceRecord.__table__))
    replaced = {name: insert.excluded[name] for name in ("customer_id", "status", "details", "updated_at")}
    statement = insert.on_conflict_do_update(index_elements=["kind", "id"], set_=replaced)
    if is_postgresql():  # then all rows go in one statement: else the driver sends each alone
        statement = statement.returning(ServiceRecord.id)
    if rows:
        db.session.execute(statement, sorted(rows, key=lambda row: (row["kind"], row["id"])))


def _repeated(records: Sequence[NamedRecord]) -> Iterator[int]:
    seen = set()
    for index, record in enumerate(records):
        if record.key in seen:
            yield index
        seen.add(record.key)


def _find(keys: Sequence[tuple[RecordKind, int]]) -> dict[Key, dict[str, Any]]:
    """Return what is stored under `keys`; by kind, for so both databases use the key."""
    by_kind = defaultdict(list)
    for kind, record_id in keys:
        by_kind[str(kind)].append(record_id)
    columns = ServiceRecord.__table__.c
    wanted = or_(*(and_(columns.kind == kind, columns.id.in_(ids)) for kind, ids in by_kind.items()))
    found = db.session.execute(select(*columns).where(wanted)).mappings()
    return {(row["kind"], row["id"]): dict(row) for row in found}


def _row(record: NamedRecord, before: dict[str, Any] | None, now: Any) -> dict[str, Any]:
    """Return the whole row: what is left out stays."""
    blank = {"customer_id": None, "status": None, "details": {}, "created_at": now}
    name = {"kind": str(record.kind), "id": record.id}
    return {**blank, **(before or {}), **name, **record.given(), "updated_at": now}


def _problem(kind: RecordKind, owner: int | None, named: int | None, customers: set[int]) -> str | None:
    if not kind.has_owner:
        return f"a {kind} {HAS_NO_OWNER}" if owner else None
    if owner is None:
        return NEEDS_OWNER
    return NO_SUCH_CUSTOMER if named and named not in customers else None
