"""Changing one's own password."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.accounts.browsers import a_browser, csrf_token, is_signed_in, signed_in_again
from tests.conftest import PASSWORD, signed_in
from wihy.accounts import passwords
from wihy.accounts.models import User
from wihy.core.database import db, transaction

ADDRESS = "/api/auth/password"
NEW = "a new and better password"
CHANGE = {"currentPassword": PASSWORD, "newPassword": NEW}


def test_it_ends_all_sessions_but_gives_a_new_one(app: Flask, vera: FlaskClient) -> None:
    elsewhere = signed_in(app, "vera@example.org")
    answer = vera.post(ADDRESS, json=CHANGE)
    assert answer.status_code == 200
    assert set(answer.json) == {"success", "token"}
    assert not is_signed_in(vera)
    assert not is_signed_in(elsewhere)
    vera.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {answer.json['token']}"
    assert is_signed_in(vera)
    assert is_signed_in(signed_in_again(app, "vera@example.org", NEW))


def test_a_browser_stays_signed_in(app: Flask) -> None:
    browser = a_browser(app, "vera@example.org")
    changed = browser.post(ADDRESS, json=CHANGE, headers={"X-CSRFToken": csrf_token(browser)})
    assert changed.status_code == 200
    assert is_signed_in(browser)


def test_a_wrong_current_password_changes_nothing(app: Flask, vera: FlaskClient) -> None:
    answer = vera.post(ADDRESS, json=CHANGE | {"currentPassword": "wrong"})
    assert answer.status_code == 400
    problem = {"field": "currentPassword", "message": "This is not your current password"}
    assert answer.json["details"] == [problem]
    assert is_signed_in(vera)
    signed_in(app, "vera@example.org")


@pytest.mark.parametrize(
    ("password", "told"),
    [
        ("1234567", "too short: use at least 8 characters"),
        ("x" * 73, "too long: use at most 72 bytes (an accented letter takes two)"),
        ("é" * 37, "too long: use at most 72 bytes (an accented letter takes two)"),
        ("12345678\0", "a NUL character cannot be stored"),
    ],
)
def test_a_new_password_that_cannot_be_used_is_told(vera: FlaskClient, password: str, told: str) -> None:
    answer = vera.post(ADDRESS, json=CHANGE | {"newPassword": password})
    assert answer.status_code == 400
    assert answer.json["details"] == [{"field": "newPassword", "message": told}]


@pytest.mark.parametrize("password", ["12345678", "é" * 36, "ßßßß"])
def test_the_longest_and_shortest_work(app: Flask, vera: FlaskClient, password: str) -> None:
    assert vera.post(ADDRESS, json=CHANGE | {"newPassword": password}).status_code == 200
    signed_in_again(app, "vera@example.org", password)


def test_of_two_changes_at_once_one_wins(app: Flask, vera: FlaskClient) -> None:
    bearer = {"Authorization": vera.environ_base["HTTP_AUTHORIZATION"]}

    def change(number: int) -> int:
        body = CHANGE | {"newPassword": f"new password {number}"}
        return app.test_client().post(ADDRESS, json=body, headers=bearer).status_code

    with ThreadPoolExecutor(5) as threads:
        answers = sorted(threads.map(change, range(5)))
    assert answers[0] == 200
    assert set(answers[1:]) <= {400, 401}


def test_a_sign_in_with_the_old_password_does_not_outlive_the_change(
    app: Flask, monkeypatch: pytest.MonkeyPatch, vera: FlaskClient
) -> None:
    """The password changes between the check and the session."""
    really = passwords.matches

    def check_slowly(password: str, password_hash: str | None) -> bool:
        right = really(password, password_hash)
        with transaction():
            db.session.scalars(select(User)).one().password_hash = passwords.hash_password(NEW)
        return right

    monkeypatch.setattr(passwords, "matches", check_slowly)
    credentials = {"email": "vera@example.org", "password": PASSWORD}
    assert app.test_client().post("/api/auth/login", json=credentials).status_code == 401
