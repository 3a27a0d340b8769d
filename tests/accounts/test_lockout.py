"""How often a sign-in may fail."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.accounts.browsers import a_browser, send_form
from tests.conftest import PASSWORD, MakeApp, add_user
from wihy.accounts import lockout
from wihy.accounts.models import SignInFailure
from wihy.core.database import db


def attempt(app: Flask, email: str, address: str = "203.0.113.1", password: str = "wrong") -> TestResponse:
    return app.test_client().post(
        "/api/auth/login",
        json={"email": email, "password": password},
        environ_base={"REMOTE_ADDR": address},
    )


def stored(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(SignInFailure)) or 0


def test_ten_failures_of_an_account_from_an_address(app: Flask) -> None:
    add_user(app, "ada@example.org")
    assert [attempt(app, "ada@example.org").status_code for _ in range(10)] == [401] * 10
    refused = attempt(app, "Ada@example.org ", password=PASSWORD)
    assert refused.status_code == 429
    assert refused.json["code"] == "RATE_LIMITED"
    assert 890 <= int(refused.headers["Retry-After"]) <= 900
    assert attempt(app, "vera@example.org").status_code == 401
    assert attempt(app, "ada@example.org", "203.0.113.2", PASSWORD).status_code == 200
    assert stored(app) == 11


def test_thirty_failures_from_an_address(app: Flask) -> None:
    add_user(app, "ada@example.org")
    assert {attempt(app, f"nobody{i}@example.org").status_code for i in range(30)} == {401}
    assert attempt(app, "ada@example.org", password=PASSWORD).status_code == 429
    assert attempt(app, "ada@example.org", "203.0.113.2", PASSWORD).status_code == 200


def test_a_hundred_failures_of_an_account(app: Flask) -> None:
    add_user(app, "ada@example.org")
    answers = {attempt(app, "ada@example.org", f"203.0.113.{i // 9}").status_code for i in range(100)}
    assert answers == {401}
    assert attempt(app, "ada@example.org", "203.0.113.99", PASSWORD).status_code == 429
    assert attempt(app, "vera@example.org", "203.0.113.99").status_code == 401


def test_one_network_is_one_address_in_ipv6(app: Flask) -> None:
    for i in range(10):
        assert attempt(app, "ada@example.org", f"2001:db8::{i}").status_code == 401
    assert attempt(app, "ada@example.org", "2001:db8::ffff").status_code == 429
    assert attempt(app, "ada@example.org", "2001:db8:0:1::1").status_code == 401


def test_it_ends_exactly_when_the_answer_says(app: Flask) -> None:
    add_user(app, "ada@example.org")
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False) as clock:
        for _ in range(10):
            attempt(app, "ada@example.org")
            clock.shift(timedelta(seconds=10))
        wait = int(attempt(app, "ada@example.org").headers["Retry-After"])
        assert wait == 15 * 60 - 100
        clock.shift(timedelta(seconds=wait - 1))
        assert attempt(app, "ada@example.org", password=PASSWORD).status_code == 429
        clock.shift(timedelta(seconds=1))
        assert attempt(app, "ada@example.org", password=PASSWORD).status_code == 200
        assert stored(app) == 9
        clock.shift(timedelta(minutes=15))
        assert attempt(app, "ada@example.org", password=PASSWORD).status_code == 200
        assert stored(app) == 0


def test_many_at_once_do_not_slip_through(app: Flask) -> None:
    add_user(app, "ada@example.org")
    with ThreadPoolExecutor(30) as threads:
        answers = list(threads.map(lambda _: attempt(app, "ada@example.org").status_code, range(30)))
    assert sorted(answers) == [401] * 10 + [429] * 20
    assert stored(app) == 10


def test_many_right_ones_after_each_other_are_never_refused(app: Flask) -> None:
    add_user(app, "ada@example.org")
    answers = {attempt(app, "ada@example.org", password=PASSWORD).status_code for _ in range(35)}
    assert answers == {200}


def test_only_keyed_digests_are_kept(app: Flask) -> None:
    attempt(app, "ada@example.org")
    with app.app_context():
        row = db.session.scalars(select(SignInFailure)).one()
        assert row.account == lockout.account_digest("ada@example.org")
        assert row.address == lockout.address_digest("203.0.113.1")
        assert len({row.account, row.address, lockout.address_digest("203.0.113.2")}) == 3


def test_another_secret_makes_other_digests(app: Flask, make_app: MakeApp) -> None:
    other = make_app(IP_HASH_SECRET="yet another secret for tests")
    digests = set()
    for one in (app, other):
        with one.app_context():
            digests |= {lockout.account_digest("ada@example.org"), lockout.account_digest("vera@example.org")}
    assert len(digests) == 4


@pytest.mark.parametrize("way", ["page", "password"])
def test_pages_and_password_changes_count_too(app: Flask, way: str) -> None:
    browser = a_browser(app, "ada@example.org")
    wrong = {"email": "ada@example.org", "password": "wrong"}
    change = {"currentPassword": "wrong", "newPassword": "a new password"}
    address, fields = ("/login", wrong) if way == "page" else ("/settings/password", change)
    answers = [send_form(browser, address, **fields) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [401 if way == "page" else 400] * 10 + [429]
    assert "Too many failed sign-ins" in answers[-1].text
    assert int(answers[-1].headers["Retry-After"]) > 800
