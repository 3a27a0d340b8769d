"""Checking and hashing take long on purpose: meanwhile no database connection is held."""

import bcrypt
import pytest
from flask import Flask

from tests.accounts.browsers import a_browser, send_form
from tests.conftest import PASSWORD
from wihy.accounts import passwords
from wihy.core.database import db, transaction

NEW = "a new and better password"


@pytest.fixture
def held(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many connections were in use, each time that bcrypt ran."""
    seen: list[int] = []

    def watch(name: str) -> None:
        really = getattr(bcrypt, name)

        def watched(*arguments: bytes) -> object:
            seen.append(db.engine.pool.checkedout())  # type: ignore[attr-defined]
            return really(*arguments)

        monkeypatch.setattr(bcrypt, name, watched)

    watch("checkpw")
    watch("hashpw")
    return seen


def test_none_is_held(app: Flask, held: list[int]) -> None:
    browser = a_browser(app, "ada@example.org", "admin")
    held.clear()
    eve = {"email": "eve@example.org", "password": NEW}
    assert send_form(browser, "/login", email="ada@example.org", password=PASSWORD).status_code == 303
    assert send_form(browser, "/settings/users", **eve).status_code == 303
    change = {"currentPassword": PASSWORD, "newPassword": NEW}
    assert send_form(browser, "/settings/password", **change).status_code == 303
    token = browser.get("/api/auth/me").json
    assert token is not None
    headers = {"X-CSRFToken": token["csrfToken"]}
    path = f"/api/users/{token['user']['id']}"
    assert browser.patch(path, json={"password": PASSWORD}, headers=headers).status_code == 200
    assert held == [0] * 5


def test_hashing_inside_a_transaction_is_a_mistake(app: Flask) -> None:
    with app.app_context(), transaction(), pytest.raises(RuntimeError):
        passwords.hash_aside(NEW)


def test_the_work_is_the_same_where_there_is_no_hash(held: list[int], app: Flask) -> None:
    with app.app_context():
        assert not passwords.matches(PASSWORD, None)
        assert not passwords.matches(PASSWORD, "no hash")
    assert len(held) == 3  # one check each; of what is no hash, bcrypt sees the form and stops
