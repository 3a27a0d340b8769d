"""Transactions, on both databases."""

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from wihy.accounts.models import User
from wihy.core.database import after_commit, db, is_postgresql, transaction


def add_user(email: str) -> None:
    db.session.add(User(email=email, password_hash="x"))
    db.session.flush()


def fail_in_transaction(told: list[str]) -> None:
    with transaction():
        add_user("ada@example.org")
        after_commit(lambda: told.append("committed"))
        raise LookupError


def count_users() -> int:
    return db.session.scalar(select(func.count()).select_from(User)) or 0


def test_a_transaction_commits_what_happened_inside(app: Flask) -> None:
    with app.app_context():
        with transaction():
            add_user("ada@example.org")
        db.session.rollback()
        assert count_users() == 1


def time_limit() -> object:
    return db.session.scalar(text("SHOW statement_timeout"))


def test_only_what_may_take_long_has_no_time_limit(app: Flask) -> None:
    with app.app_context():
        if not is_postgresql():
            with transaction(may_take_long=True):  # nothing limits it anyway
                add_user("ada@example.org")
            return
        with transaction():
            assert time_limit() == "30s"
        with transaction(may_take_long=True):
            assert time_limit() == "0"
        assert time_limit() == "30s"


def test_a_failed_transaction_leaves_nothing_and_forgets_its_effects(
    app: Flask,
) -> None:
    told: list[str] = []
    with app.app_context():
        with pytest.raises(LookupError):
            fail_in_transaction(told)
        assert count_users() == 0
    assert told == []


def test_effects_wait_for_the_commit_and_cannot_undo_it(app: Flask) -> None:
    told: list[int] = []
    with app.app_context():
        with transaction():
            add_user("ada@example.org")
            after_commit(lambda: 1 / 0)
            after_commit(lambda: told.append(count_users()))
            assert told == []
        assert told == [1]


def test_transactions_do_not_nest(app: Flask) -> None:
    with app.app_context(), transaction(), pytest.raises(RuntimeError), transaction():
        pass  # pragma: no cover - never reached
