"""Customers sign in themselves, or by a token that their host application minted: one session each."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update

from tests.accounts.browsers import is_signed_in, send_form, signed_in_again
from tests.accounts.test_tokens import claims_of
from tests.conftest import PASSWORD, MakeApp, add_customer, add_user, key_for, signed_in
from wihy.accounts import passwords
from wihy.core.access import CUSTOMER
from wihy.core.clock import to_text
from wihy.core.database import db, transaction
from wihy.customers.models import Customer

MORNING = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
SEVEN = "/api/customers/7"
LOGIN = {"email": "alice@example.org", "password": PASSWORD}


@pytest.fixture
def host(app: Flask) -> FlaskClient:
    """A host application."""
    return key_for(app, "customers:write", "customers:token")


def bearer(app: Flask, token: str) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


def minted(app: Flask, host: FlaskClient, **body: object) -> FlaskClient:
    answer = host.post(f"{SEVEN}/token", json=body)
    assert answer.status_code == 200
    return bearer(app, answer.json["token"])


def test_sign_in(app: Flask, stranger: FlaskClient) -> None:
    add_customer(app, 7, "alice@example.org")
    answer = stranger.post("/api/auth/login", json=LOGIN | {"email": " Alice@Example.org"})
    assert answer.status_code == 200
    assert answer.json["user"] == {"id": 7, "email": "alice@example.org", "role": "customer"}
    assert claims_of(answer.json["token"])["sub"] == "customer:7"
    me = stranger.get("/api/auth/me").json
    assert (me["user"]["id"], me["user"]["displayName"]) == (7, None)
    assert me["user"]["lastLogin"] is not None
    assert me["allPermissions"] == sorted(CUSTOMER)
    assert me["csrfToken"]


@pytest.mark.parametrize("columns", [{"active": False}, {"password_hash": None}, {"email": None}])
def test_some_cannot(app: Flask, stranger: FlaskClient, columns: dict[str, object]) -> None:
    hashed = {"password_hash": passwords.hash_password(PASSWORD), "email": "alice@example.org"}
    add_customer(app, 7, **{**hashed, **columns})  # type: ignore[arg-type]
    answer = stranger.post("/api/auth/login", json=LOGIN)
    assert (answer.status_code, answer.json["message"]) == (401, "E-mail or password is wrong")


def test_sign_out_ends_that_session_alone(app: Flask, alice: FlaskClient) -> None:
    elsewhere = signed_in(app, "alice@example.org")
    assert alice.post("/api/auth/logout").status_code == 200
    assert not is_signed_in(alice)
    assert is_signed_in(elsewhere)
    assert len(elsewhere.get("/api/auth/sessions").json["sessions"]) == 1


def test_failures_lock_out(app: Flask, stranger: FlaskClient) -> None:
    add_customer(app, 7, "alice@example.org")
    for _ in range(10):
        assert stranger.post("/api/auth/login", json=LOGIN | {"password": "wrong"}).status_code == 401
    assert stranger.post("/api/auth/login", json=LOGIN).status_code == 429


def test_an_old_hash_is_made_anew(app: Flask, stranger: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "ROUNDS", 5)
    add_customer(app, 7, "alice@example.org")
    monkeypatch.setattr(passwords, "ROUNDS", 4)
    for _ in range(2):
        assert stranger.post("/api/auth/login", json=LOGIN).status_code == 200
    with app.app_context():
        assert "$04$" in str(db.session.scalar(select(Customer.password_hash)))


def test_a_minted_token_acts_as_the_customer(app: Flask, host: FlaskClient) -> None:
    add_customer(app, 7)
    with time_machine.travel(MORNING, tick=False) as clock:
        answer = host.post(f"{SEVEN}/token")
        assert set(answer.json) == {"success", "token", "expiresAt"}
        assert answer.json["expiresAt"] == to_text(MORNING + timedelta(days=1))
        assert "Set-Cookie" not in answer.headers
        alice = bearer(app, answer.json["token"])
        assert alice.get("/api/auth/me").json["user"]["id"] == 7
        clock.shift(timedelta(days=1))
        assert not is_signed_in(alice)


def test_a_short_one_stays_short(app: Flask, host: FlaskClient) -> None:
    add_customer(app, 7)
    with time_machine.travel(MORNING, tick=False) as clock:
        alice = minted(app, host, expiresInSeconds=60)
        clock.shift(timedelta(seconds=50))
        renewed = bearer(app, alice.post("/api/auth/refresh").json["token"])
        clock.shift(timedelta(seconds=50))
        assert not is_signed_in(alice)
        assert is_signed_in(renewed)
        clock.shift(timedelta(seconds=10))
        assert not is_signed_in(renewed)


@pytest.mark.parametrize("wish", [0, -1, 7201, 1.5, "60", True, 10**30])
def test_a_wish_that_cannot_be_granted_is_told(make_app: MakeApp, wish: object) -> None:
    app = make_app(JWT_EXPIRY="2h")
    add_customer(app, 7)
    host = key_for(app, "customers:token")
    assert host.post(f"{SEVEN}/token", json={"expiresInSeconds": 7200}).status_code == 200
    answer = host.post(f"{SEVEN}/token", json={"expiresInSeconds": wish})
    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json["details"]] == ["expiresInSeconds"]


def test_nobody_acts_as_who_is_deactivated(app: Flask, host: FlaskClient, ada: FlaskClient) -> None:
    add_customer(app, 7, active=False)
    answer = host.post(f"{SEVEN}/token")
    assert (answer.status_code, answer.json["code"]) == (409, "CUSTOMER_INACTIVE")
    host.put(SEVEN, json={"active": True})
    assert ada.post(f"{SEVEN}/token", json={}).status_code == 200


@pytest.mark.parametrize("change", [{"active": False}, {"password": "another password"}, {"password": None}])
def test_changes_end_every_token_at_once(
    app: Flask, host: FlaskClient, alice: FlaskClient, change: dict[str, object]
) -> None:
    by_host = minted(app, host)
    host.put(SEVEN, json={"displayName": "Alice", "password": PASSWORD, "active": True})
    assert not is_signed_in(alice)
    alice, by_host = signed_in(app, "alice@example.org"), minted(app, host)
    host.put(SEVEN, json={"displayName": "A.", "deniedPermissions": ["close_support_ticket"]})
    assert is_signed_in(alice)
    assert is_signed_in(by_host)
    host.put(SEVEN, json=change)
    assert not is_signed_in(alice)
    assert not is_signed_in(by_host)


def test_ending_the_sessions_ends_every_token(app: Flask, host: FlaskClient, alice: FlaskClient) -> None:
    add_customer(app, 8, "bob@example.org")
    by_host, bob = minted(app, host), signed_in(app, "bob@example.org")
    assert host.delete(f"{SEVEN}/sessions").json == {"success": True}
    assert [is_signed_in(client) for client in (alice, by_host, bob)] == [False, False, True]
    assert is_signed_in(minted(app, host))


def test_authority_is_looked_up_on_each_request(app: Flask, alice: FlaskClient) -> None:
    def change(**values: object) -> None:
        with app.app_context(), transaction():
            db.session.execute(update(Customer).values(values))

    change(denied_permissions=["track_interaction"])
    assert "track_interaction" not in alice.get("/api/auth/me").json["allPermissions"]
    change(active=False)
    assert not is_signed_in(alice)
    change(active=True)
    assert is_signed_in(alice)
    with app.app_context(), transaction():
        db.session.execute(delete(Customer))
    assert not is_signed_in(alice)


def test_customers_are_no_staff(alice: FlaskClient) -> None:
    assert alice.get("/api/tracking/stats").status_code == 403
    body = {"currentPassword": PASSWORD, "newPassword": "another password"}
    assert alice.post("/api/auth/password", json=body).status_code == 403


def test_the_form_leads_home(app: Flask, stranger: FlaskClient) -> None:
    add_customer(app, 7, "alice@example.org")
    answer = send_form(stranger, "/login", **LOGIN, next="/tracking-dashboard")
    assert (answer.status_code, answer.location) == (303, "/")
    assert stranger.get("/").location == "/me"
    assert stranger.get("/login").location == "/"
    assert send_form(app.test_client(), "/login", **LOGIN, next="/me?a=1").location == "/me?a=1"


def test_staff_and_customers_keep_to_their_pages(app: Flask) -> None:
    add_customer(app, 7, "alice@example.org")
    alice = signed_in_again(app, "alice@example.org")
    for page in (
        "/tracking-dashboard",
        "/settings",
        "/customers",
        "/customers/7",
        "/tracking-admin/partners",
    ):
        answer = alice.get(page)
        assert (answer.status_code, answer.mimetype) == (403, "text/html")
        assert "You may not do this" in answer.text
    add_user(app, "vera@example.org")
    assert signed_in_again(app, "vera@example.org").get("/me").status_code == 403
