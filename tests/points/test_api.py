"""`/api/customer/points` and `/api/customers/<id>/points`: who reads what, and who takes back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import MakeApp, add_customer, add_user, key_for, signed_in
from tests.points.awarding import balance, entries, give
from wihy.core.database import db
from wihy.customers.models import Customer
from wihy.points.service import SUPPORT_INTERACTION

OWN = "/api/customer/points"
SEVEN = "/api/customers/7/points"
REVERSALS = f"{SEVEN}/reversals"
ENTRY = {"id", "action", "reference", "points", "creditCents", "capped", "reversed", "day", "at"}


def a_reversal(app: Flask, number: int = 0, **fields: object) -> dict[str, object]:
    return {"entryId": str(entries(app)[number].id), "reason": "Booked twice by mistake"} | fields


def test_a_customer_reads_their_points(app: Flask, alice: FlaskClient) -> None:
    add_customer(app, 8)
    give(app, "interaction:1")
    give(app, "ticket:1:created", SUPPORT_INTERACTION)
    give(app, "interaction:1", customer_id=8)
    answer = alice.get(OWN)
    assert answer.status_code == 200
    assert set(answer.json) == {"status", "message", "data"}
    assert answer.json["status"] == "success"
    data = answer.json["data"]
    assert data["balance"] == {"points": 15, "creditCents": 20}
    assert [entry["reference"] for entry in data["entries"]] == ["ticket:1:created", "interaction:1"]
    assert set(data["entries"][0]) == ENTRY
    assert data["nextCursor"] is None


def test_who_has_nothing_reads_so(alice: FlaskClient) -> None:
    data = alice.get(OWN).json["data"]
    assert data == {"balance": {"points": 0, "creditCents": 0}, "entries": [], "nextCursor": None}


def test_entries_come_in_pages(app: Flask, alice: FlaskClient, vera: FlaskClient) -> None:
    with time_machine.travel(datetime(2026, 11, 20, 12, tzinfo=UTC), tick=False):  # all of the same moment
        for number in range(5):
            give(app, f"interaction:{number}")
    for client, path in ((alice, OWN), (vera, SEVEN)):
        seen, cursor = [], ""
        while cursor is not None:
            answer = client.get(path, query_string={"limit": 2, "cursor": cursor}).json
            data = answer.get("data", answer)
            seen += [entry["reference"] for entry in data["entries"]]
            cursor = data["nextCursor"]
        assert sorted(seen) == [f"interaction:{number}" for number in range(5)]


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 201}, {"cursor": "x"}, {"cursor": "a\0b"}])
def test_a_bad_page_is_told(alice: FlaskClient, vera: FlaskClient, query: dict[str, object]) -> None:
    for client, path in ((alice, OWN), (vera, SEVEN)):
        answer = client.get(path, query_string=query)
        assert (answer.status_code, answer.json["code"]) == (400, "INVALID_REQUEST")
        assert answer.json["details"]


def test_only_customers_have_points_of_their_own(app: Flask, stranger: FlaskClient, ada: FlaskClient) -> None:
    assert stranger.get(OWN).status_code == 401
    assert ada.get(OWN).status_code == 403
    assert key_for(app, "customers:write").get(OWN).status_code == 403


def test_only_staff_read_others_points_and_only_admins_take_back(
    app: Flask, alice: FlaskClient, stranger: FlaskClient, vera: FlaskClient, ada: FlaskClient
) -> None:
    give(app, "interaction:1")
    assert [client.get(SEVEN).status_code for client in (stranger, alice, vera, ada)] == [401, 403, 200, 200]
    body = a_reversal(app)
    key = key_for(app, "customers:write")
    refused = [client.post(REVERSALS, json=body).status_code for client in (stranger, alice, vera, key)]
    assert refused == [401, 403, 403, 403]
    assert balance(app) == (5, 0)


def test_customers_who_are_not_there_have_no_points(ada: FlaskClient) -> None:
    for customer_id in ("9", "0", "2147483648", "99999999999999999999", "x"):
        assert ada.get(f"/api/customers/{customer_id}/points").status_code == 404
        body = {"entryId": str(uuid4()), "reason": "x"}
        assert ada.post(f"/api/customers/{customer_id}/points/reversals", json=body).status_code == 404


def test_an_admin_takes_back_once(app: Flask, ada: FlaskClient, alice: FlaskClient) -> None:
    give(app, "ticket:1:created", SUPPORT_INTERACTION)
    give(app, "interaction:1")
    made = ada.post(REVERSALS, json=a_reversal(app))
    assert made.status_code == 201
    assert made.json["balance"] == {"points": 5, "creditCents": 0}
    reversal = made.json["entry"]
    assert (reversal["action"], reversal["points"], reversal["creditCents"]) == ("reversal", -10, -20)
    assert reversal["reference"] == str(entries(app)[0].id)
    assert reversal["reason"] == "Booked twice by mistake"
    again = ada.post(REVERSALS, json=a_reversal(app, reason="Another reason"))
    assert (again.status_code, again.json["code"]) == (409, "ALREADY_REVERSED")
    assert balance(app) == (5, 0)
    listed = alice.get(OWN).json["data"]["entries"]
    assert [entry["reversed"] for entry in listed] == [False, False, True]
    assert set(listed[0]) == ENTRY  # the reason is for staff
    assert ada.get(SEVEN).json["entries"][0] == reversal
    give(app, "ticket:1:created", SUPPORT_INTERACTION)
    assert balance(app) == (5, 0)  # it is awarded no second time


def test_of_two_who_take_back_at_once_one_does(app: Flask, ada: FlaskClient) -> None:
    add_customer(app, 7)
    give(app, "interaction:1")
    give(app, "interaction:2")
    body = a_reversal(app)
    token = ada.environ_base["HTTP_AUTHORIZATION"]

    def post(_number: int) -> int:
        return app.test_client().post(REVERSALS, json=body, headers={"Authorization": token}).status_code

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(post, range(4))) == [201, 409, 409, 409]
    assert balance(app) == (5, 0)


def test_what_brought_nothing_cannot_be_taken_back(make_app: MakeApp) -> None:
    app = make_app(MAX_POINTS_PER_DAY="5")
    add_customer(app, 7, "alice@example.org")
    ada = _admin(app)
    give(app, "interaction:1")
    give(app, "interaction:2")
    assert [
        entry["capped"] for entry in signed_in(app, "alice@example.org").get(OWN).json["data"]["entries"]
    ] == [
        True,
        False,
    ]
    assert ada.post(REVERSALS, json=a_reversal(app)).status_code == 201
    for number in (1, 2):  # the capped entry, and the reversal
        refused = ada.post(REVERSALS, json=a_reversal(app, number))
        assert (refused.status_code, refused.json["code"]) == (409, "NOT_REVERSIBLE")
    give(app, "interaction:3")
    assert balance(app) == (0, 0)  # a reversal leaves no more room in its day


def _admin(app: Flask) -> FlaskClient:
    add_user(app, "ada@example.org", "admin")
    return signed_in(app, "ada@example.org")


def test_another_customers_entry_is_as_if_it_were_not_there(app: Flask, ada: FlaskClient) -> None:
    add_customer(app, 7)
    add_customer(app, 8)
    give(app, "interaction:1")
    assert ada.post("/api/customers/8/points/reversals", json=a_reversal(app)).status_code == 404
    assert ada.post(REVERSALS, json=a_reversal(app, entryId=str(uuid4()))).status_code == 404
    assert balance(app) == (5, 0)


@pytest.mark.parametrize(
    "changed",
    [
        {"reason": ""},
        {"reason": "   "},
        {"reason": "x" * 501},
        {"reason": "a\0b"},
        {"reason": None},
        {"entryId": "x"},
        {"entryId": None},
        {"entryId": 1},
        {"points": 5},
    ],
)
def test_a_bad_reversal_is_told(app: Flask, ada: FlaskClient, changed: dict[str, object]) -> None:
    add_customer(app, 7)
    give(app, "interaction:1")
    refused = ada.post(REVERSALS, json=a_reversal(app, **changed))
    assert (refused.status_code, refused.json["code"]) == (400, "INVALID_REQUEST")
    assert [detail["field"] for detail in refused.json["details"]] == [*changed]
    assert balance(app) == (5, 0)


def test_a_customer_asks_so_often_a_minute(make_app: MakeApp) -> None:
    app = make_app(RATE_LIMIT_CUSTOMER="3")
    for customer_id, email in ((7, "alice@example.org"), (8, "bob@example.org")):
        add_customer(app, customer_id, email)
    with time_machine.travel(datetime(2026, 11, 20, 12, tzinfo=UTC), tick=False):
        alice, bob = signed_in(app, "alice@example.org"), signed_in(app, "bob@example.org")
        answers = [alice.get(OWN) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[3].json["code"] == "RATE_LIMITED"
        assert answers[3].headers["Retry-After"]
        assert bob.get(OWN).status_code == 200
        strangers = [app.test_client().get(OWN).status_code for _ in range(4)]
        assert strangers == [401] * 4


def test_staff_ask_so_often_a_minute(make_app: MakeApp) -> None:
    app = make_app(RATE_LIMIT_ADMIN="3")
    add_customer(app, 7)
    with time_machine.travel(datetime(2026, 11, 20, 12, tzinfo=UTC), tick=False):
        ada = _admin(app)
        assert [ada.get(SEVEN).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_points_of_a_customer_who_is_gone_go_with_them(app: Flask, ada: FlaskClient) -> None:
    add_customer(app, 7)
    give(app, "interaction:1")
    with app.app_context():
        db.session.delete(db.session.get_one(Customer, 7))
        db.session.flush()
        assert db.session.connection().exec_driver_sql("SELECT count(*) FROM points_ledger").scalar() == 0
        db.session.rollback()
