"""Transactions, on both databases."""

from contextlib import suppress

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from wihy.accounts.models import User
from wihy.core.database import after_commit, before_commit, db, is_postgresql, one_statement, transaction


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


def test_steps_come_last_once_and_with_all_that_was_handed_to_them(app: Flask) -> None:
    told: list[object] = []

    def step(emails: list[str]) -> None:
        told.append((emails, count_users()))
        db.session.add(User(email=emails[0], password_hash="x"))
        after_commit(lambda: told.append(count_users()))

    with app.app_context():
        with transaction():
            before_commit(step, "vera@example.org")
            before_commit(step, "pat@example.org")
            add_user("ada@example.org")
            assert told == []
        assert told == [(["vera@example.org", "pat@example.org"], 1), 2]


def test_a_step_that_fails_fails_the_transaction(app: Flask) -> None:
    def step(_items: list[None]) -> None:
        raise LookupError

    with app.app_context():
        with suppress(LookupError), transaction():
            add_user("ada@example.org")
            before_commit(step, None)
        assert count_users() == 0


def test_a_savepoint_that_fails_forgets_what_was_handed_over_in_it(app: Flask) -> None:
    told: list[object] = []
    with app.app_context():
        with transaction():
            before_commit(told.append, "first")
            with suppress(LookupError), db.session.begin_nested():
                before_commit(told.append, "lost")
                after_commit(lambda: told.append("lost too"))
                with db.session.begin_nested():
                    before_commit(told.append, "lost with it")
                raise LookupError
            with db.session.begin_nested():
                after_commit(lambda: told.append("last"))
        assert told == [["first"], "last"]


def test_a_statement_that_commits_itself_takes_no_steps(app: Flask) -> None:
    told: list[object] = []
    with app.app_context(), one_statement():
        if is_postgresql():
            with pytest.raises(RuntimeError, match="commits itself"):
                before_commit(told.append, "step")
        else:
            before_commit(told.append, "step")
        assert told == []
    assert len(told) == (0 if "postgresql" in app.config["SQLALCHEMY_DATABASE_URI"] else 1)


def test_transactions_do_not_nest(app: Flask) -> None:
    with app.app_context(), transaction(), pytest.raises(RuntimeError), transaction():
        pass  # pragma: no cover - never reached
