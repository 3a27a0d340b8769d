"""Failed sign-ins in the audit log: told as sums, each once, and never more than so many however often one fails."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from tests.conftest import PASSWORD, add_customer, add_user
from wihy.accounts import failures
from wihy.accounts.failures import tell_failures
from wihy.accounts.lockout import FAILURES_OF_ACCOUNT_AND_ADDRESS
from wihy.audit.models import AuditEntry
from wihy.core import clock
from wihy.core.database import db
from wihy.jobs.schedule import JOBS

LATER = timedelta(minutes=2)


def fail(app: Flask, email: str, times: int = 1, address: str = "203.0.113.1") -> None:
    for _ in range(times):
        wrong = {"email": email, "password": "wrong password"}
        answer = app.test_client().post("/api/auth/login", json=wrong, environ_base={"REMOTE_ADDR": address})
        assert answer.status_code == 401


def told(app: Flask, after: timedelta = LATER) -> dict[str, object]:
    """Tell what is to be told after a while; returns what all entries say, by thing."""
    with app.app_context(), time_machine.travel(clock.now() + after):
        tell_failures()
        entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "SIGN_IN_FAILED")).all()
    assert len({entry.thing for entry in entries}) == len(entries)
    assert {entry.actor for entry in entries} <= {"stranger"}
    return {entry.thing: entry.details for entry in entries}


def test_telling_is_a_job_of_each_minute() -> None:
    assert JOBS["failed sign-ins"].act is tell_failures
    assert JOBS["failed sign-ins"].every == timedelta(minutes=1)


def test_each_account_has_an_entry_and_all_unknown_ones_together(app: Flask) -> None:
    vera = add_user(app, "vera@example.org")
    add_customer(app, 7, "alice@example.org")
    fail(app, "vera@example.org", 2)
    fail(app, "Vera@Example.org", address="203.0.113.2")
    fail(app, "alice@example.org")
    fail(app, "nobody@example.org", 2)
    fail(app, "none@example.org")
    assert told(app) == {
        f"staff:{vera}": {"failures": 3, "addresses": 2, "isLocked": False},
        "customer:7": {"failures": 1, "addresses": 1, "isLocked": False},
        "sign-in": {"failures": 3, "addresses": 1, "accounts": 2},
    }


def test_they_are_told_once(app: Flask) -> None:
    add_customer(app, 7, "alice@example.org")
    fail(app, "alice@example.org")
    assert len(told(app)) == 1
    assert len(told(app)) == 1


def test_an_account_that_must_wait_is_told_as_locked(app: Flask) -> None:
    add_customer(app, 7, "alice@example.org")
    fail(app, "alice@example.org", FAILURES_OF_ACCOUNT_AND_ADDRESS)
    assert told(app)["customer:7"] == {
        "failures": FAILURES_OF_ACCOUNT_AND_ADDRESS,
        "addresses": 1,
        "isLocked": True,
    }


def test_what_may_still_succeed_is_not_told(app: Flask) -> None:
    add_customer(app, 7, "alice@example.org")
    fail(app, "alice@example.org")
    assert told(app, timedelta()) == {}
    assert len(told(app)) == 1


def test_what_succeeds_is_no_failure(app: Flask) -> None:
    add_customer(app, 7, "alice@example.org")
    right = {"email": "alice@example.org", "password": PASSWORD}
    assert app.test_client().post("/api/auth/login", json=right).status_code == 200
    assert told(app) == {}


def test_of_many_accounts_only_some_are_named(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "MOST_NAMED", 2)
    for number in range(1, 5):
        add_customer(app, number, f"c{number}@example.org")
        fail(app, f"c{number}@example.org", number)
    assert told(app) == {
        "customer:4": {"failures": 4, "addresses": 1, "isLocked": False},
        "customer:3": {"failures": 3, "addresses": 1, "isLocked": False},
        "sign-in": {"failures": 3, "addresses": 1, "accounts": 2},
    }
