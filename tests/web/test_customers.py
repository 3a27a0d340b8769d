"""`/customers` and `/customers/<id>`: what staff see and do there, without any script."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.accounts.browsers import a_browser, is_signed_in, send_form
from tests.conftest import add_customer, signed_in
from wihy.core.database import transaction
from wihy.customers.models import Customer
from wihy.customers.queries import find_customer
from wihy.customers.records import put_records
from wihy.customers.schemas import NamedRecord

PAGE = "/customers"
SEVEN = f"{PAGE}/7"
ARABIC = ("عميلة " * 51)[:255]
FORM = {"id": "7", "displayName": "Alice", "email": "alice@example.org", "language": "sw", "timezone": ""}
PROFILE = {
    "form": "profile",
    "displayName": "A.",
    "email": "",
    "language": "fr",
    "timezone": "Africa/Nairobi",
}


@pytest.fixture
def nora(app: Flask) -> FlaskClient:
    """An admin's browser."""
    return a_browser(app, "nora@example.org", "admin")


@pytest.fixture
def vic(app: Flask) -> FlaskClient:
    """A viewer's browser."""
    return a_browser(app, "vic@example.org")


def stored(app: Flask, customer_id: int = 7) -> Customer:
    with app.app_context():
        customer = find_customer(customer_id)
        assert customer
        return customer


def a_record(kind: str, number: int, owner: int) -> NamedRecord:
    return NamedRecord.model_validate({"kind": kind, "id": number, "customerId": owner})


def store_rides(app: Flask, count: int) -> None:
    with app.app_context(), transaction():
        put_records([a_record("ride", n, 7) for n in range(1, count + 1)])


def test_the_empty_page_says_what_to_do(nora: FlaskClient, vic: FlaskClient) -> None:
    page = nora.get(PAGE).text
    assert "No customers yet" in page
    assert "PUT /api/customers/7" in page
    assert 'aria-current="page">Customers' in page
    assert "Host applications and admins add them" in vic.get(PAGE).text


def test_a_customer_is_added(app: Flask, nora: FlaskClient) -> None:
    answer = send_form(nora, PAGE, **FORM, password="a password of alice")
    assert (answer.status_code, answer.location) == (303, SEVEN)
    page = nora.get(SEVEN).text
    assert "Added customer 7." in page
    assert 'value="alice@example.org"' in page
    assert (stored(app).language, stored(app).timezone) == ("sw", "UTC")
    assert stored(app).password_hash


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"id": ""}, "Use a number from 1 to 2,147,483,647"),
        ({"id": "2147483648"}, "Use a number from 1 to"),
        ({"id": "8"}, "Another customer has this id"),
        ({"email": "nora@example.org"}, "Another account has this e-mail"),
        ({"email": "x"}, "Write an e-mail address"),
        ({"timezone": "Mars"}, "Use the name of an IANA time zone"),
        ({"password": "short"}, "Too short"),
        ({"displayName": "a\0b"}, "Only printable characters"),
    ],
)
def test_a_refused_form_comes_back(app: Flask, nora: FlaskClient, changed: dict[str, str], told: str) -> None:
    add_customer(app, 8)
    answer = send_form(nora, PAGE, **FORM | changed)
    assert answer.status_code in (400, 409)
    assert told in answer.text
    assert 'value="Alice"' in answer.text or "displayName" in changed
    with app.app_context():
        assert find_customer(7) is None


def test_the_list_is_searched_and_paged(app: Flask, vic: FlaskClient) -> None:
    for number in range(1, 61):
        add_customer(app, number, display_name=f"Customer {number:03}", active=number != 5)
    first = vic.get(PAGE).text
    assert ("Customer 060" in first, "Customer 010" in first) == (True, False)
    assert "cursor=11" in first
    assert "Customer 010" in vic.get(f"{PAGE}?cursor=11").text
    assert "Customer 005" in vic.get(f"{PAGE}?q=005").text
    deactivated = vic.get(f"{PAGE}?active=false").text
    assert ("Customer 005" in deactivated, "Customer 004" in deactivated) == (True, False)
    assert "Nobody found" in vic.get(f"{PAGE}?q=zzz").text
    assert [vic.get(f"{PAGE}?{bad}").status_code for bad in ("cursor=x", "active=x", "q=%00")] == [400] * 3


def test_the_profile_is_changed(app: Flask, nora: FlaskClient) -> None:
    add_customer(app, 7, "alice@example.org", display_name="Alice")
    answer = send_form(nora, SEVEN, **PROFILE)
    assert (answer.status_code, answer.location) == (303, f"{SEVEN}#profile")
    alice = stored(app)
    assert (alice.display_name, alice.email, alice.language) == ("A.", None, "fr")
    assert alice.password_hash
    refused = send_form(nora, SEVEN, **PROFILE | {"email": "nora@example.org", "displayName": "<b>"})
    assert refused.status_code == 409
    assert "Another account has this e-mail" in refused.text
    assert 'value="&lt;b&gt;"' in refused.text


def test_permissions_are_withdrawn_and_given_back(app: Flask, nora: FlaskClient) -> None:
    add_customer(app, 7)
    form = {"form": "permissions"}
    send_form(nora, SEVEN, **form, deniedPermissions=["", "close_support_ticket"])
    assert stored(app).denied_permissions == ["close_support_ticket"]
    send_form(nora, SEVEN, **form, deniedPermissions="")
    assert stored(app).denied_permissions == []
    assert send_form(nora, SEVEN, **form, deniedPermissions="users:write").status_code == 400


def test_sessions_end_by_button_and_by_deactivation(
    app: Flask, nora: FlaskClient, alice: FlaskClient
) -> None:
    assert "A program" in nora.get(SEVEN).text
    assert send_form(nora, f"{SEVEN}/sessions/end").status_code == 303
    assert not is_signed_in(alice)
    assert "Signed in nowhere" in nora.get(SEVEN).text
    again = signed_in(app, "alice@example.org")
    send_form(nora, SEVEN, form="sessions", active="false")
    assert not is_signed_in(again)
    assert "Activate again" in nora.get(SEVEN).text
    send_form(nora, SEVEN, form="sessions", active="true")
    assert stored(app).active
    assert nora.get(f"{SEVEN}/sessions/end").location == f"{SEVEN}#sessions"


def test_records_are_shown_by_pages(app: Flask, vic: FlaskClient) -> None:
    add_customer(app, 7)
    assert "No records yet" in vic.get(SEVEN).text
    store_rides(app, 25)
    first = vic.get(SEVEN).text
    assert ("Ride 25<" in first, "Ride 5<" in first) == (True, False)
    assert "records=ride%3A6#records" in first
    assert "Ride 5<" in vic.get(f"{SEVEN}?records=ride%3A6").text
    assert "Ride 25<" in vic.get(f"{SEVEN}?records=x").text
    assert vic.get(f"{SEVEN}?records=%00:1").status_code == 200


def test_viewers_read_and_write_nothing(app: Flask, vic: FlaskClient) -> None:
    add_customer(app, 7, "alice@example.org", display_name=ARABIC, denied_permissions=["track_interaction"])
    page = vic.get(SEVEN).text
    assert ARABIC in page
    assert "track interaction" in page
    for words in ("Save", "End all", "Deactivate"):
        assert words not in page
    for address in (PAGE, SEVEN, f"{SEVEN}/sessions/end"):
        assert send_form(vic, address, **FORM).status_code == 403


def test_customers_and_strangers_stay_out(app: Flask, stranger: FlaskClient, nora: FlaskClient) -> None:
    add_customer(app, 8, "bob@example.org")
    bob = app.test_client()
    credentials = {"email": "bob@example.org", "password": "correct horse battery staple"}
    bob.post("/api/auth/login", json=credentials)
    for address in (PAGE, f"{PAGE}/8"):
        assert bob.get(address).status_code == 403
        assert stranger.get(address).location.startswith("/login?next=")
    for address in (f"{PAGE}/9", f"{PAGE}/0", f"{PAGE}/{2**31}", f"{PAGE}/x"):
        assert nora.get(address).status_code == 404
    for address in (f"{PAGE}/9", f"{PAGE}/0", f"{PAGE}/9/sessions/end"):
        assert send_form(nora, address, form="sessions", active="false").status_code == 404
    assert nora.post(PAGE, data=FORM).status_code == 400


def test_home_greets_and_shows_what_there_is(app: Flask) -> None:
    add_customer(app, 7, "alice@example.org", display_name="Alice <Wanjiru>", language="sw")
    browser = app.test_client()
    assert browser.get("/me").location == "/login?next=%2Fme"
    credentials = {"email": "alice@example.org", "password": "correct horse battery staple"}
    browser.post("/api/auth/login", json=credentials)
    page = browser.get("/me").text
    assert "Alice &lt;Wanjiru&gt;" in page
    assert "Kiswahili" in page
    assert "Nothing here yet" in page
    assert "/tracking-dashboard" not in page
    add_customer(app, 8)
    with app.app_context(), transaction():
        put_records([a_record("order", 5, 8), a_record("ride", 6, 7)])
    page = browser.get("/me").text
    assert ("Ride 6" in page, "Order 5" in page) == (True, False)
    assert send_form(browser, "/logout").location == "/login"
    assert browser.get("/me").status_code == 302
