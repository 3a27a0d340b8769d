"""`/api/customers`: how host applications and admins keep customers."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import PASSWORD, add_customer, add_user, key_for, signed_in
from wihy.accounts.facts import SessionsEnded
from wihy.customers.facts import CustomerChanged, CustomerCreated, CustomerDeactivated

CUSTOMERS = "/api/customers"
SEVEN = f"{CUSTOMERS}/7"
FIELDS = {
    "id",
    "email",
    "role",
    "displayName",
    "language",
    "timezone",
    "deniedPermissions",
    "active",
    "createdAt",
    "updatedAt",
    "lastLogin",
}
ALICE = {
    "email": "Alice@example.org",
    "displayName": "Alice Wanjiru",
    "language": "sw",
    "timezone": "Africa/Nairobi",
    "deniedPermissions": ["close_support_ticket"],
}
ROUTES = [
    ("GET", CUSTOMERS),
    ("GET", SEVEN),
    ("PUT", SEVEN),
    ("POST", f"{SEVEN}/token"),
    ("DELETE", f"{SEVEN}/sessions"),
]


@pytest.fixture
def announced(app: Flask) -> list[object]:
    """What is announced of customers and sessions."""
    facts: list[object] = []
    kinds = (CustomerCreated, CustomerChanged, CustomerDeactivated, SessionsEnded)
    app.extensions["reactions"] = {kind: [facts.append] for kind in kinds}
    return facts


def test_a_customer_is_stored_and_told(ada: FlaskClient) -> None:
    made = ada.put(SEVEN, json=ALICE)
    assert made.status_code == 201
    customer = made.json["customer"]
    assert set(customer) == FIELDS
    assert customer.items() >= (ALICE | {"id": 7, "email": "alice@example.org", "active": True}).items()
    assert ada.get(SEVEN).json == made.json
    assert ada.put(SEVEN, json={}).json["customer"] == customer


def test_nothing_need_be_said_of_one(ada: FlaskClient) -> None:
    customer = ada.put(SEVEN, json={}).json["customer"]
    assert (customer["email"], customer["displayName"], customer["lastLogin"]) == (None, None, None)
    assert (customer["language"], customer["timezone"], customer["deniedPermissions"]) == ("en", "UTC", [])


def test_what_is_left_out_stays_and_null_clears(ada: FlaskClient) -> None:
    ada.put(SEVEN, json=ALICE)
    changed = ada.put(SEVEN, json={"displayName": "Alice W."})
    assert changed.status_code == 200
    assert changed.json["customer"]["timezone"] == "Africa/Nairobi"
    cleared = ada.put(SEVEN, json=dict.fromkeys(ALICE)).json["customer"]
    assert (cleared["email"], cleared["displayName"], cleared["deniedPermissions"]) == (None, None, [])
    assert (cleared["language"], cleared["timezone"]) == ("en", "UTC")


def test_a_key_keeps_them_in_step(app: Flask) -> None:
    host = key_for(app, "customers:write")
    assert host.put(SEVEN, json=ALICE).status_code == 201
    assert host.get(SEVEN).json["customer"]["displayName"] == "Alice Wanjiru"
    assert host.delete(f"{SEVEN}/sessions").status_code == 200
    assert host.get(CUSTOMERS).status_code == 403
    assert host.post(f"{SEVEN}/token").status_code == 403


def test_viewers_read(app: Flask, vera: FlaskClient) -> None:
    add_customer(app, 7)
    assert [vera.get(path).status_code for path in (CUSTOMERS, SEVEN)] == [200, 200]
    for method, path in ROUTES[2:]:
        answer = vera.open(path, method=method, json={})
        assert (answer.status_code, answer.json["code"]) == (403, "Forbidden")


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_customers_other_keys_and_strangers_may_not(
    app: Flask, alice: FlaskClient, stranger: FlaskClient, method: str, path: str
) -> None:
    other = key_for(app, "stats:read", "records:write")
    assert alice.open(path, method=method, json={}).status_code == 403
    assert other.open(path, method=method, json={}).status_code == 403
    assert stranger.open(path, method=method, json={}).status_code == 401


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"email": "x", "language": "de", "timezone": "Mars/Olympus", "password": "short", "name": "A"}, 5),
        ({"deniedPermissions": ["users:write"]}, 1),
        ({"deniedPermissions": "close_support_ticket"}, 1),
        ({"active": None}, 1),
        ({"active": "yes"}, 1),
        ({"displayName": ""}, 1),
        ({"displayName": "a\0b"}, 1),
        ({"displayName": "x" * 256}, 1),
        ({"timezone": "localtime"}, 1),
        ({"id": 8}, 1),
    ],
)
def test_every_problem_is_told(ada: FlaskClient, body: dict[str, object], fields: int) -> None:
    answer = ada.put(SEVEN, json=body)
    assert answer.status_code == 400
    assert len(answer.json["details"]) == fields
    assert ada.get(SEVEN).status_code == 404


@pytest.mark.parametrize(
    "sent", [b"", b"{", b"[]", b'{"displayName": "\xff"}', b'{"displayName": "\\ud800"}']
)
def test_what_cannot_be_read_is_refused(ada: FlaskClient, sent: bytes) -> None:
    assert ada.put(SEVEN, data=sent, content_type="application/json").status_code == 400


@pytest.mark.parametrize("number", ["0", "-1", "2147483648", "9" * 30, "x", "7.5"])
def test_what_is_no_id_is_not_found(ada: FlaskClient, number: str) -> None:
    for method, path in ROUTES[1:]:
        answer = ada.open(path.replace("/7", f"/{number}"), method=method, json={})
        assert (answer.status_code, answer.json["code"]) == (404, "NOT_FOUND")


def test_who_is_not_there_is_not_found(ada: FlaskClient) -> None:
    for method, path in (ROUTES[1], ROUTES[3], ROUTES[4]):
        assert ada.open(path, method=method, json={}).status_code == 404


def test_an_email_belongs_to_one_account(app: Flask, ada: FlaskClient) -> None:
    add_customer(app, 7, "alice@example.org")
    for body in ({"email": "ALICE@example.org"}, {"email": "ada@example.org"}):
        answer = ada.put(f"{CUSTOMERS}/8", json=body)
        assert (answer.status_code, answer.json["code"]) == (409, "EMAIL_TAKEN")
    staff = {"email": "alice@example.org", "password": PASSWORD}
    assert ada.post("/api/users", json=staff).json["code"] == "EMAIL_TAKEN"
    vera = add_user(app, "vera@example.org")
    assert ada.patch(f"/api/users/{vera}", json={"email": "alice@example.org"}).json["code"] == "EMAIL_TAKEN"
    assert ada.put(SEVEN, json={"email": "alice@example.org"}).status_code == 200
    assert ada.put(SEVEN, json={"email": None}).status_code == 200
    assert ada.post("/api/users", json=staff).status_code == 201


def test_of_many_at_once_one_gets_the_email(app: Flask, ada: FlaskClient) -> None:
    bearer = {"Authorization": ada.environ_base["HTTP_AUTHORIZATION"]}

    def claim(number: int) -> int:
        client, body = app.test_client(), {"email": "eve@example.org"}
        if number % 2:
            return client.put(f"{CUSTOMERS}/{number}", json=body, headers=bearer).status_code
        return client.post("/api/users", json=body | {"password": PASSWORD}, headers=bearer).status_code

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(claim, range(1, 9))) == [201] + [409] * 7


def test_of_many_equal_ones_at_once_one_is_new(app: Flask, ada: FlaskClient) -> None:
    bearer = {"Authorization": ada.environ_base["HTTP_AUTHORIZATION"]}

    def store(_: int) -> int:
        return app.test_client().put(SEVEN, json=ALICE, headers=bearer).status_code

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(store, range(8))) == [200] * 7 + [201]


def test_they_are_listed_by_pages(app: Flask, vera: FlaskClient) -> None:
    for number in range(1, 6):
        add_customer(app, number, active=number != 3)
    first = vera.get(CUSTOMERS, query_string={"limit": 2}).json
    assert [one["id"] for one in first["customers"]] == [5, 4]
    rest = vera.get(CUSTOMERS, query_string={"limit": 3, "cursor": first["nextCursor"]}).json
    assert [one["id"] for one in rest["customers"]] == [3, 2, 1]
    assert rest["nextCursor"] is None
    inactive = vera.get(CUSTOMERS, query_string={"active": "false"}).json
    assert [one["id"] for one in inactive["customers"]] == [3]


@pytest.mark.parametrize(
    ("q", "ids"),
    [
        ("wanj", [7]),
        ("EXAMPLE.com", [12]),
        ("7", [7]),
        ("12", [12]),
        ("100%", []),
        ("9" * 40, []),
        ("\N{ARABIC-INDIC DIGIT SEVEN}", []),
    ],
)
def test_they_are_searched(app: Flask, vera: FlaskClient, q: str, ids: list[int]) -> None:
    add_customer(app, 7, display_name="Alice Wanjiru")
    add_customer(app, 12, "bob@example.com")
    found = vera.get(CUSTOMERS, query_string={"q": q}).json["customers"]
    assert [one["id"] for one in found] == ids


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "cursor=x", "cursor=0", "active=maybe", "q=%00"])
def test_bad_lists_are_refused(vera: FlaskClient, query: str) -> None:
    assert vera.get(f"{CUSTOMERS}?{query}").status_code == 400


def test_facts_are_announced(ada: FlaskClient, app: Flask, announced: list[object]) -> None:
    ada.put(SEVEN, json=ALICE)
    assert announced == [CustomerCreated(7)]
    announced.clear()
    ada.put(SEVEN, json={"displayName": "Alice Wanjiru"})
    assert announced == []
    ada.put(SEVEN, json={"displayName": "A.", "password": PASSWORD})
    assert announced == [CustomerChanged(7, ("display_name", "password_hash"))]
    signed_in(app, "alice@example.org")
    announced.clear()
    ada.put(SEVEN, json={"active": False})
    assert announced[:2] == [CustomerChanged(7, ("active",)), CustomerDeactivated(7)]
    assert isinstance(announced[2], SessionsEnded)
