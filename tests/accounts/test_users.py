"""Managing staff users."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from tests.accounts.browsers import is_signed_in, signed_in_again
from tests.conftest import PASSWORD, add_user, signed_in
from wihy.accounts import service
from wihy.accounts.models import User
from wihy.core.database import db, transaction

UNKNOWN = "01a1f801-0000-7000-8000-000000000000"
USERS = "/api/users"
EVE = {"email": "eve@example.org", "password": "a password of eve"}
FIELDS = {"id", "email", "role", "permissions", "isActive", "createdAt", "lastLogin"}


def id_of(client: FlaskClient) -> str:
    user_id: str = client.get("/api/auth/me").json["user"]["id"]
    return user_id


def test_admins_list_users(ada: FlaskClient, vera: FlaskClient) -> None:
    users = ada.get(USERS).json["users"]
    assert [user["email"] for user in users] == ["ada@example.org", "vera@example.org"]
    assert set(users[0]) == FIELDS


def test_admins_create_users(app: Flask, ada: FlaskClient) -> None:
    answer = ada.post(USERS, json=EVE | {"role": "viewer", "permissions": ["links:write", "links:write"]})
    assert answer.status_code == 201
    user = answer.json["user"]
    assert (user["email"], user["role"], user["permissions"]) == (
        "eve@example.org",
        "viewer",
        ["links:write"],
    )
    assert (user["isActive"], user["lastLogin"]) == (True, None)
    eve = signed_in_again(app, "eve@example.org", EVE["password"])
    assert "links:write" in eve.get("/api/auth/me").json["allPermissions"]


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("POST", ""), ("PATCH", f"/{UNKNOWN}")])
def test_others_may_not(vera: FlaskClient, stranger: FlaskClient, method: str, path: str) -> None:
    viewer = vera.open(USERS + path, method=method)
    assert (viewer.status_code, viewer.json["code"]) == (403, "Forbidden")
    assert stranger.open(USERS + path, method=method).status_code == 401


@pytest.mark.parametrize("email", ["a@b", "Ünï@cödé", "a b@c", "x" * 252 + "@y", "  EVE@example.org "])
def test_unusual_emails_are_taken(ada: FlaskClient, email: str) -> None:
    answer = ada.post(USERS, json=EVE | {"email": email})
    assert answer.status_code == 201
    assert answer.json["user"]["email"] == email.strip().lower()


@pytest.mark.parametrize("email", ["", "@", "a@", "@b", "ab", "a@b@c", "x" * 253 + "@y", "a\n@b", "a\0@b", 5])
def test_what_is_no_email_is_told(ada: FlaskClient, email: object) -> None:
    answer = ada.post(USERS, json=EVE | {"email": email})
    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json["details"]] == ["email"]


def test_all_problems_are_told_at_once(ada: FlaskClient) -> None:
    bad = {"email": "x", "password": "y", "role": "boss", "permissions": ["users:write"], "name": "Eve"}
    answer = ada.post(USERS, json=bad)
    assert answer.status_code == 400
    fields = {"email", "password", "role", "permissions.0", "name"}
    assert {detail["field"] for detail in answer.json["details"]} == fields


def test_an_email_belongs_to_one_account(ada: FlaskClient, vera: FlaskClient) -> None:
    answer = ada.post(USERS, json=EVE | {"email": "Vera@example.org"})
    assert (answer.status_code, answer.json["code"]) == (409, "EMAIL_TAKEN")
    answer = ada.patch(f"{USERS}/{id_of(vera)}", json={"email": "ada@example.org"})
    assert (answer.status_code, answer.json["code"]) == (409, "EMAIL_TAKEN")


def test_of_many_equal_ones_at_once_one_is_created(app: Flask, ada: FlaskClient) -> None:
    bearer = {"Authorization": ada.environ_base["HTTP_AUTHORIZATION"]}

    def create(_: int) -> int:
        return app.test_client().post(USERS, json=EVE, headers=bearer).status_code

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(create, range(8))) == [201] + [409] * 7


def test_role_and_permissions_hold_at_once(ada: FlaskClient, vera: FlaskClient) -> None:
    assert vera.get(USERS).status_code == 403
    address = f"{USERS}/{id_of(vera)}"
    assert ada.patch(address, json={"role": "admin"}).json["user"]["role"] == "admin"
    assert vera.get(USERS).status_code == 200
    assert ada.patch(address, json={"role": "viewer", "permissions": ["support:write"]}).status_code == 200
    assert vera.get(USERS).status_code == 403
    assert "support:write" in vera.get("/api/auth/me").json["allPermissions"]
    assert ada.patch(address, json={"permissions": None}).json["user"]["permissions"] == []
    assert "support:write" not in vera.get("/api/auth/me").json["allPermissions"]


def test_what_is_left_out_stays(ada: FlaskClient, vera: FlaskClient) -> None:
    address = f"{USERS}/{id_of(vera)}"
    ada.patch(address, json={"permissions": ["links:write"]})
    changed = ada.patch(address, json={"email": "vera@example.com"}).json["user"]
    assert (changed["permissions"], changed["role"]) == (["links:write"], "viewer")
    assert ada.patch(address, json={}).json["user"] == changed


def test_a_deactivation_ends_sessions_and_shuts_the_door(
    app: Flask, ada: FlaskClient, vera: FlaskClient
) -> None:
    address = f"{USERS}/{id_of(vera)}"
    assert ada.patch(address, json={"isActive": False}).json["user"]["isActive"] is False
    assert not is_signed_in(vera)
    credentials = {"email": "vera@example.org", "password": PASSWORD}
    assert app.test_client().post("/api/auth/login", json=credentials).status_code == 401
    ada.patch(address, json={"isActive": True})
    assert not is_signed_in(vera)
    assert is_signed_in(signed_in(app, "vera@example.org"))


def test_a_new_password_ends_sessions(app: Flask, ada: FlaskClient, vera: FlaskClient) -> None:
    assert ada.patch(f"{USERS}/{id_of(vera)}", json={"password": "chosen by ada"}).status_code == 200
    assert not is_signed_in(vera)
    signed_in_again(app, "vera@example.org", "chosen by ada")


@pytest.mark.parametrize("change", [{"isActive": False}, {"role": "viewer"}])
def test_the_last_active_admin_stays(ada: FlaskClient, vera: FlaskClient, change: dict[str, object]) -> None:
    eve = ada.post(USERS, json=EVE | {"role": "admin"}).json["user"]["id"]
    ada.patch(f"{USERS}/{eve}", json={"isActive": False})
    answer = ada.patch(f"{USERS}/{id_of(ada)}", json=change | {"email": "other@example.org"})
    assert (answer.status_code, answer.json["code"]) == (409, "LAST_ADMIN")
    assert ada.get("/api/auth/me").json["user"]["email"] == "ada@example.org"
    ada.patch(f"{USERS}/{eve}", json={"isActive": True})
    assert ada.patch(f"{USERS}/{id_of(ada)}", json=change).status_code == 200


def test_two_admins_cannot_remove_each_other_at_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    admins = [UUID(add_user(app, f"admin{number}@example.org", "admin")) for number in range(2)]
    both_counted = Barrier(2)
    really = service._is_other_admin

    def count_together(user_id: UUID) -> bool:
        is_other = really(user_id)
        with suppress(BrokenBarrierError):
            both_counted.wait(timeout=0.5)
        return is_other

    def deactivate(user_id: UUID) -> bool:
        try:
            with app.app_context(), transaction():
                service.change_user(user_id, {"is_active": False})
        except service.LastAdmin:
            return False
        return True

    monkeypatch.setattr(service, "_is_other_admin", count_together)
    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(deactivate, admins)) == [False, True]


def test_authority_is_looked_up_on_each_request(app: Flask, vera: FlaskClient) -> None:
    for column, value, status in (("role", "admin", 200), ("role", "viewer", 403), ("is_active", False, 401)):
        with app.app_context(), transaction():
            db.session.execute(update(User).values({column: value}))
        assert vera.get(USERS).status_code == status


def test_unknown_users_are_not_found(ada: FlaskClient) -> None:
    for path in (f"/{UNKNOWN}", "/1", "/x"):
        answer = ada.patch(USERS + path, json={"role": "viewer"})
        assert (answer.status_code, answer.json["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    "bad",
    [
        {"role": None},
        {"isActive": None},
        {"isActive": "perhaps"},
        {"password": "short"},
        {"permissions": "x"},
    ],
)
def test_bad_changes_are_told(ada: FlaskClient, vera: FlaskClient, bad: dict[str, object]) -> None:
    answer = ada.patch(f"{USERS}/{id_of(vera)}", json=bad)
    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json["details"]] == list(bad)
