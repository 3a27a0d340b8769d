"""Records of host applications: `/api/records`."""

from flask import Blueprint, Response

from wihy.core.access import allow, staff
from wihy.core.bodies import BATCH_LIMIT, read_json
from wihy.core.database import transaction
from wihy.core.errors import InvalidRequest
from wihy.core.openapi import Answer, answers, describe, spec
from wihy.customers.models import LARGEST_ID, RecordKind, ServiceRecord
from wihy.customers.queries import RecordPlace, list_records
from wihy.customers.records import delete_record, get_record, put_record, put_records
from wihy.customers.schemas import (
    Done,
    RecordAnswer,
    RecordChanges,
    RecordJson,
    RecordList,
    Records,
    RecordsAnswer,
    StoredAnswer,
)

routes = Blueprint("records_api", __name__)
TAGS = ["Records"]
READ, WRITE = "customers:read", "records:write"
ONE = "/<kind>/<int:record_id>"
WRITTEN = (401, 403, 413, 415, 429)


@routes.get("")
@allow(staff(READ), key=WRITE)
@spec.validate(resp=answers(RecordsAnswer), tags=TAGS)
def list_all_records(query: RecordList) -> Answer:
    """List records by kind, the highest id first."""
    after = _place(query.cursor) if query.cursor else None
    page = list_records(limit=query.limit, customer_id=query.customer_id, kind=query.kind, after=after)
    place = page.next_place
    return RecordsAnswer(
        records=[RecordJson.model_validate(record) for record in page.records],
        next_cursor=f"{place.kind}:{place.id}" if place else None,
    )


@routes.put("")
@allow(staff(WRITE), key=WRITE)
@describe(json=Records, resp=answers(StoredAnswer, refusals=WRITTEN), tags=TAGS)
def store_records() -> Response:
    """Store up to 1,000 records: all, or none of them

    The body is `{"records": […]}`, or the list alone, at most 2 MiB. A field that is left out stays, `null` clears it.
    400 names every problem by the index of its record: `records.3.customerId`.
    """
    given = read_json(Records, limit=BATCH_LIMIT)
    with transaction():
        stored = put_records(given.records)
    answer = StoredAnswer(created=stored.created, changed=stored.changed)
    return Response(answer.model_dump_json(), mimetype="application/json")


@routes.get(ONE)
@allow(staff(READ), key=WRITE)
@spec.validate(resp=answers(RecordAnswer, refusals=(401, 403, 404, 429)), tags=TAGS)
def tell_record(kind: str, record_id: int) -> Answer:
    """Tell one record."""
    return _told(get_record(_kind(kind), record_id))


@routes.put(ONE)
@allow(staff(WRITE), key=WRITE)
@spec.validate(resp=answers(RecordAnswer, refusals=WRITTEN, HTTP_201=RecordAnswer), tags=TAGS)
def store_record(kind: str, record_id: int, json: RecordChanges) -> Answer:
    """Store a record under the id it has in your application: 201 new, 200 changed.

    A field that is left out stays, `null` clears it. The customer must be known: store customers first.
    """
    checked = _kind(kind)
    with transaction():
        record, is_new = put_record(checked, record_id, json)
    return _told(record), 201 if is_new else 200


@routes.delete(ONE)
@allow(staff(WRITE), key=WRITE)
@spec.validate(resp=answers(Done, refusals=(401, 403, 404, 429)), tags=TAGS)
def forget_record(kind: str, record_id: int) -> Answer:
    """Forget a record: for everybody it is as if it had never been."""
    checked = _kind(kind)
    with transaction():
        delete_record(checked, record_id)
    return Done()


def _told(record: ServiceRecord) -> RecordAnswer:
    return RecordAnswer(record=RecordJson.model_validate(record))


def _kind(text: str) -> RecordKind:
    try:
        return RecordKind(text)
    except ValueError:
        raise InvalidRequest.at("kind", f"use one of {', '.join(RecordKind)}") from None


def _place(cursor: str) -> RecordPlace:
    kind, _, number = cursor.partition(":")
    is_number = number.isascii() and number.isdecimal() and len(number) <= len(str(LARGEST_ID))
    if kind not in set(RecordKind) or not is_number:
        raise InvalidRequest.at("cursor", "use the nextCursor of an earlier answer")
    return RecordPlace(kind, int(number))
