"""`/api/records`: what host applications keep, one by one and in lists."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select

from tests.conftest import add_customer, key_for
from wihy.core.database import db, transaction
from wihy.customers.models import Customer, RecordKind, ServiceRecord
from wihy.customers.queries import find_own_record

RECORDS = "/api/records"
RIDE = f"{RECORDS}/ride/1"
DETAILS = {"pickupLocation": "123 Main St", "stops": [{"at": 1.5}, None, True], "größe": "\N{PILE OF POO}"}
ROUTES = [("GET", RECORDS), ("PUT", RECORDS), ("GET", RIDE), ("PUT", RIDE), ("DELETE", RIDE)]


@pytest.fixture
def host(app: Flask) -> FlaskClient:
    """A host application, which has told two customers."""
    add_customer(app, 7)
    add_customer(app, 8)
    return key_for(app, "records:write")


def a_ride(number: int = 1, **fields: object) -> dict[str, object]:
    return {"kind": "ride", "id": number, "customerId": 7} | fields


def count(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(ServiceRecord)) or 0


@pytest.mark.parametrize("kind", [kind for kind in RecordKind if kind.has_owner])
def test_a_record_is_stored_and_told(host: FlaskClient, kind: str) -> None:
    body = {"customerId": 7, "status": "completed", "details": DETAILS}
    made = host.put(f"{RECORDS}/{kind}/1", json=body)
    assert made.status_code == 201
    record = made.json["record"]
    assert record.items() >= (body | {"kind": kind, "id": 1}).items()
    assert set(record) == {*body, "kind", "id", "createdAt", "updatedAt"}
    assert host.get(f"{RECORDS}/{kind}/1").json == made.json


def test_what_is_left_out_stays_and_null_clears(host: FlaskClient) -> None:
    host.put(RIDE, json={"customerId": 7, "status": "on its way", "details": DETAILS})
    changed = host.put(RIDE, json={"status": "completed"})
    assert changed.status_code == 200
    assert changed.json["record"].items() >= {"customerId": 7, "details": DETAILS}.items()
    cleared = host.put(RIDE, json={"status": None, "details": None}).json["record"]
    assert (cleared["customerId"], cleared["status"], cleared["details"]) == (7, None, {})
    assert host.put(RIDE, json={"customerId": 8}).json["record"]["customerId"] == 8


@pytest.mark.parametrize("kind", ["menu_item", "table"])
def test_what_is_offered_to_all_is_nobody_s(app: Flask, host: FlaskClient, kind: str) -> None:
    assert host.put(f"{RECORDS}/{kind}/1", json={}).json["record"]["customerId"] is None
    answer = host.put(f"{RECORDS}/{kind}/1", json={"customerId": 7})
    assert answer.json["details"] == [
        {"field": "customerId", "message": f"a {kind} is offered to all: it belongs to no customer"}
    ]
    with app.app_context():
        assert find_own_record(RecordKind(kind), 1, 8)


def test_another_customer_s_is_as_one_that_is_not_there(app: Flask, host: FlaskClient) -> None:
    host.put(RIDE, json={"customerId": 7})
    with app.app_context():
        assert find_own_record(RecordKind.RIDE, 1, 7)
        assert find_own_record(RecordKind.RIDE, 1, 8) is None
        assert find_own_record(RecordKind.RIDE, 2, 8) is None
        assert find_own_record(RecordKind.RIDE, 2**31, 7) is None


def test_a_record_can_be_forgotten(host: FlaskClient) -> None:
    host.put(RIDE, json={"customerId": 7})
    assert host.delete(RIDE).json == {"success": True}
    assert [host.get(RIDE).status_code, host.delete(RIDE).status_code] == [404, 404]
    assert host.put(RIDE, json={"customerId": 7}).status_code == 201


def test_admins_write_and_viewers_read(host: FlaskClient, ada: FlaskClient, vera: FlaskClient) -> None:
    assert ada.put(RIDE, json={"customerId": 7}).status_code == 201
    assert [vera.get(RIDE).status_code, vera.get(RECORDS).status_code] == [200, 200]
    for method, path in (ROUTES[1], *ROUTES[3:]):
        assert vera.open(path, method=method, json={}).status_code == 403
    assert ada.delete(RIDE).status_code == 200


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_customers_other_keys_and_strangers_may_not(
    app: Flask, alice: FlaskClient, stranger: FlaskClient, method: str, path: str
) -> None:
    other = key_for(app, "customers:write", "customers:token")
    assert alice.open(path, method=method, json={}).status_code == 403
    assert other.open(path, method=method, json={}).status_code == 403
    assert stranger.open(path, method=method, json={}).status_code == 401


def nested(levels: int) -> Any:
    return {"a": nested(levels - 1)} if levels else 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "customerId"),
        ({"customerId": None}, "customerId"),
        ({"customerId": 9}, "customerId"),
        ({"customerId": 0}, "customerId"),
        ({"customerId": 2**31}, "customerId"),
        ({"customerId": "7"}, "customerId"),
        ({"customerId": 7, "status": ""}, "status"),
        ({"customerId": 7, "status": "x" * 65}, "status"),
        ({"customerId": 7, "status": "a\0b"}, "status"),
        ({"customerId": 7, "details": []}, "details"),
        ({"customerId": 7, "details": "{}"}, "details"),
        ({"customerId": 7, "details": {"a": "x" * 16_384}}, "details"),
        ({"customerId": 7, "details": {"a": "\N{PILE OF POO}" * 4_095}}, "details"),
        ({"customerId": 7, "details": {"a\0": 1}}, "details"),
        ({"customerId": 7, "details": {"a": ["b\0"]}}, "details"),
        ({"customerId": 7, "details": nested(17)}, "details"),
        ({"customerId": 7, "colour": "blue"}, "colour"),
    ],
)
def test_bad_records_are_refused(app: Flask, host: FlaskClient, body: dict[str, object], field: str) -> None:
    answer = host.put(RIDE, json=body)
    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json["details"]] == [field]
    assert count(app) == 0


@pytest.mark.parametrize("value", [b"NaN", b"-Infinity", b"1e999", b'"\\ud800"', b'"\xff"', b"1" * 5_000])
def test_what_json_cannot_keep_is_refused(host: FlaskClient, value: bytes) -> None:
    body = b'{"customerId": 7, "details": {"a": ' + value + b"}}"
    assert host.put(RIDE, data=body, content_type="application/json").status_code == 400


def test_unusual_details_are_kept(host: FlaskClient) -> None:
    details = {"": "\\u0000", "n": 10**400, "f": 1e-300, "deep": nested(15), "text": "x" * 15_000}
    assert host.put(RIDE, json={"customerId": 7, "details": details}).status_code == 201
    assert host.get(RIDE).json["record"]["details"] == details


@pytest.mark.parametrize("path", ["/bicycle/1", "/Ride/1"])
def test_an_unknown_kind_is_told(host: FlaskClient, path: str) -> None:
    for method in ("GET", "PUT", "DELETE"):
        answer = host.open(RECORDS + path, method=method, json={})
        assert answer.status_code == 400
        assert "use one of event, ride" in answer.json["details"][0]["message"]


@pytest.mark.parametrize("path", ["/ride/0", "/ride/2147483648", "/ride/x", "/ride/-1"])
def test_what_is_no_id_is_not_found(host: FlaskClient, path: str) -> None:
    for method in ("GET", "PUT", "DELETE"):
        assert host.open(RECORDS + path, method=method, json={"customerId": 7}).status_code == 404


def test_a_list_is_stored_at_once(app: Flask, host: FlaskClient) -> None:
    host.put(RIDE, json={"customerId": 8, "status": "completed"})
    many = [a_ride(number) for number in range(1, 1_000)] + [{"kind": "table", "id": 1}]
    answer = host.put(RECORDS, json=many)
    assert (answer.status_code, answer.json) == (200, {"success": True, "created": 999, "changed": 1})
    assert count(app) == 1_000
    assert host.get(RIDE).json["record"].items() >= {"customerId": 7, "status": "completed"}.items()
    assert host.put(RECORDS, json={"records": many}).json == {"success": True, "created": 0, "changed": 1_000}


def test_of_a_bad_list_nothing_is_stored_and_all_is_told(app: Flask, host: FlaskClient) -> None:
    answer = host.put(
        RECORDS,
        json=[
            a_ride(),
            a_ride(2, customerId=9),
            a_ride(),
            {"kind": "order", "id": 1},
            {"kind": "table", "id": 1, "customerId": 7},
        ],
    )
    assert answer.status_code == 400
    fields = ["records.1.customerId", "records.2.id", "records.3.customerId", "records.4.customerId"]
    assert [detail["field"] for detail in answer.json["details"]] == fields
    assert count(app) == 0


def test_misshapen_records_are_told_by_index(host: FlaskClient) -> None:
    answer = host.put(
        RECORDS, json=[a_ride(), a_ride(kind="bicycle"), a_ride(0), "ride", a_ride(2, details=[], x=1)]
    )
    fields = {"records.1.kind", "records.2.id", "records.3", "records.4.details", "records.4.x"}
    assert {detail["field"] for detail in answer.json["details"]} == fields


@pytest.mark.parametrize("body", [[], {"records": []}, {}, {"rows": []}, "x", None, 1])
def test_what_is_no_list_is_refused(host: FlaskClient, body: object) -> None:
    answer = host.put(RECORDS, data=json.dumps(body), content_type="application/json")
    assert answer.status_code == 400


def test_a_list_may_be_too_long_or_too_large(app: Flask, host: FlaskClient) -> None:
    assert host.put(RECORDS, json=[a_ride(number) for number in range(1, 1_002)]).status_code == 400
    large = [a_ride(number, details={"a": "x" * 16_000}) for number in range(1, 140)]
    assert host.put(RECORDS, json=large).status_code == 413
    assert host.put(RECORDS, json=large[:125]).status_code == 200
    assert count(app) == 125


def test_many_hosts_at_once_lose_nothing(app: Flask, host: FlaskClient) -> None:
    key = {"X-Api-Key": host.environ_base["HTTP_X_API_KEY"]}
    numbers = list(range(1, 101))

    def store(turn: int) -> tuple[int, int]:
        field = {"status": "completed"} if turn % 2 else {"details": {"a": 1}}
        many = [a_ride(number, **field) for number in (numbers if turn % 3 else numbers[::-1])]
        answer = app.test_client().put(RECORDS, json=many, headers=key)
        return answer.json["created"], answer.json["changed"]

    with ThreadPoolExecutor(6) as threads:
        assert sorted(threads.map(store, range(6))) == [(0, 100)] * 5 + [(100, 0)]
    records = host.get(RECORDS, query_string={"limit": 200}).json["records"]
    assert all((one["status"], one["details"]) == ("completed", {"a": 1}) for one in records)


def test_they_are_listed_by_pages(host: FlaskClient) -> None:
    orders = [{"kind": "order", "id": number, "customerId": 8} for number in (1, 2)]
    host.put(RECORDS, json=[*(a_ride(number) for number in (1, 2, 3)), *orders, {"kind": "table", "id": 1}])

    def names(**query: object) -> tuple[list[str], str | None]:
        answer = host.get(RECORDS, query_string=query).json
        return [f"{one['kind']} {one['id']}" for one in answer["records"]], answer["nextCursor"]

    first, cursor = names(limit=3)
    assert first == ["order 2", "order 1", "ride 3"]
    assert names(limit=3, cursor=cursor) == (["ride 2", "ride 1", "table 1"], None)
    assert names(customerId=8) == (["order 2", "order 1"], None)
    assert names(kind="ride", limit=2) == (["ride 3", "ride 2"], "ride:2")
    assert names(customerId=9) == ([], None)


@pytest.mark.parametrize(
    "query", ["limit=0", "cursor=ride", "cursor=x:1", "cursor=ride:x", "kind=x", "customerId=0"]
)
def test_bad_lists_are_refused(host: FlaskClient, query: str) -> None:
    assert host.get(f"{RECORDS}?{query}").status_code == 400


def test_who_goes_takes_their_records_along(app: Flask, host: FlaskClient) -> None:
    host.put(RECORDS, json=[a_ride(), a_ride(2, customerId=8)])
    with app.app_context(), transaction():
        db.session.execute(delete(Customer).where(Customer.id == 7))
    assert count(app) == 1
