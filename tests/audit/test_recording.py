"""Entries of the audit log: what stands in them, that they come with their change, and that they stay."""

import json
from contextlib import suppress
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from tests.conftest import add_customer, signed_in
from wihy.audit.models import AuditEntry, AuditPersonal
from wihy.audit.service import forget_personal, record
from wihy.core import clock
from wihy.core.access import allow, anyone
from wihy.core.database import db, transaction

LINK = "link:spring"


def entries() -> list[AuditEntry]:
    return list(db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


def personal_parts() -> list[dict[str, str]]:
    return [json.loads(content) for content in db.session.scalars(select(AuditPersonal.content))]


def test_an_entry_says_who_did_what_on_what_when(app: Flask) -> None:
    before = clock.now()
    with app.app_context():
        with transaction():
            record("LINK_CREATED", LINK, actor="staff:1", details={"campaign": "spring"})
        [entry] = entries()
    assert (entry.actor, entry.action, entry.thing) == ("staff:1", "LINK_CREATED", LINK)
    assert entry.details == {"campaign": "spring"}
    assert before <= entry.at <= clock.now()
    assert entry.request_id is None


def test_outside_of_a_request_the_system_acts(app: Flask) -> None:
    with app.app_context():
        with transaction():
            record("LINK_CREATED", LINK)
        [entry] = entries()
    assert entry.actor == "system"


def test_in_a_request_who_sends_it_acts(app: Flask) -> None:
    @app.post("/api/acting")
    @allow(anyone)
    def act() -> str:
        with transaction():
            record("TESTED", "test:1")
        return ""

    add_customer(app, 7, "alice@example.org")
    alice = signed_in(app, "alice@example.org")
    alice.post("/api/acting", headers={"X-Request-Id": "of-alice"})
    app.test_client().post("/api/acting", headers={"X-Request-Id": "of-a-stranger"})
    with app.app_context():
        acted = [(entry.actor, entry.request_id) for entry in entries() if entry.action == "TESTED"]
    assert acted == [("customer:7", "of-alice"), ("stranger", "of-a-stranger")]


def test_what_is_rolled_back_leaves_no_entry(app: Flask) -> None:
    with app.app_context():
        with suppress(ZeroDivisionError), transaction():
            record("LINK_CREATED", LINK, personal={"name": "Alice"})
            raise ZeroDivisionError
        assert entries() == []


def test_details_may_hold_moments_ids_and_sets(app: Flask) -> None:
    details = {
        "at": datetime(2026, 11, 20, 10, 30, tzinfo=UTC),
        "day": date(2026, 11, 20),
        "id": UUID(int=1),
        "scopes": {"b", "a"},
    }
    with app.app_context():
        with transaction():
            record("KEY_CREATED", "key:1", details=details)
        [entry] = entries()
    assert entry.details == {
        "at": "2026-11-20T10:30:00.000Z",
        "day": "2026-11-20",
        "id": str(UUID(int=1)),
        "scopes": ["a", "b"],
    }


@pytest.mark.parametrize("action", ["", "link_created", "LINK CREATED", "LINK_", "_LINK"])
def test_an_action_is_written_in_capitals(app: Flask, action: str) -> None:
    with app.app_context(), pytest.raises(ValueError, match="no action"), transaction():
        record(action, LINK)


def test_erasure_takes_what_is_about_a_person_and_nothing_else(app: Flask) -> None:
    with app.app_context():
        with transaction():
            record("CUSTOMER_CHANGED", "customer:7", actor="staff:1", personal={"email": "a@example.org"})
            record("TICKET_CREATED", "ticket:1", actor="customer:7", personal={"text": "help"})
            record("CUSTOMER_CHANGED", "customer:77", actor="staff:1", personal={"email": "b@example.org"})
        with transaction():
            forget_personal("customer:7")
        assert personal_parts() == [{"email": "b@example.org"}]
        assert len(entries()) == 3


REFUSED = [
    "UPDATE audit_log SET actor = 'nobody'",
    "UPDATE audit_log SET details = '{}'",
    "UPDATE audit_log SET personal_digest = NULL",
    "DELETE FROM audit_log WHERE thing = 'link:spring'",
    "UPDATE audit_personal SET content = '{}'",
    "UPDATE audit_seals SET digest = ''",
    "DELETE FROM audit_seals",
]


@pytest.mark.parametrize("statement", REFUSED)
def test_the_database_refuses_to_change_it(app: Flask, statement: str) -> None:
    with app.app_context():
        with transaction():
            record("LINK_CREATED", LINK, details={"a": 1}, personal={"name": "Alice"})
            record("LINK_CREATED", LINK)
            db.session.execute(
                text("INSERT INTO audit_seals VALUES (1, :now, 1, 1, 'abc')"), {"now": clock.now()}
            )
        with pytest.raises(DatabaseError, match="append-only"), transaction():
            db.session.execute(text(statement))


def test_a_place_is_given_once(app: Flask) -> None:
    seal = text("UPDATE audit_log SET place = 1, digest = 'abc'")
    with app.app_context():
        with transaction():
            record("LINK_CREATED", LINK)
        with transaction():
            db.session.execute(seal)
        with pytest.raises(DatabaseError, match="append-only"), transaction():
            db.session.execute(seal)


def test_postgresql_refuses_to_empty_it(app: Flask) -> None:
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            return
        for table in ("audit_log", "audit_seals"):
            with pytest.raises(DatabaseError, match="append-only"), transaction():
                db.session.execute(text(f"TRUNCATE {table} CASCADE"))
