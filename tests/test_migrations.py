"""Migrations run up and down on both databases, leave no drift, and make the tables that others were promised."""

from typing import Any, NamedTuple

import pytest
from flask import Flask
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import inspect, select, text

from tests.tracking.captures import a_capture
from wihy.core.database import db, transaction
from wihy.core.migrations import FOLDER
from wihy.tracking.figures import check_day, days_with_events
from wihy.tracking.models import EventType, QuarterHourFigure
from wihy.tracking.service import capture_events


class Column(NamedTuple):
    """What was promised of a column: its type and default on PostgreSQL, and whether it may be empty."""

    type: str
    may_be_null: bool = True
    default: str | None = None


UUID_KEY = Column("UUID", False, "gen_random_uuid()")
NOW = Column("TIMESTAMP", False, "now()")
PROMISED = {
    "tracking_events": {
        "id": UUID_KEY,
        "referrer": Column("VARCHAR(255)", False),
        "campaign": Column("VARCHAR(255)", False),
        "landing_page": Column("TEXT", False),
        "original_source": Column("VARCHAR(255)"),
        "destination_url": Column("TEXT"),
        "event_type": Column("VARCHAR(20)"),
        "timestamp": NOW,
        "user_agent": Column("TEXT"),
        "ip_address": Column("VARCHAR(45)"),
        "session_id": Column("VARCHAR(255)"),
    },
    "tracking_users": {
        "id": UUID_KEY,
        "email": Column("VARCHAR(255)", False),
        "password_hash": Column("VARCHAR(255)", False),
        "role": Column("VARCHAR(50)", True, "'viewer'::character varying"),
        "created_at": NOW,
        "last_login": Column("TIMESTAMP"),
    },
    "partner_access": {
        "id": UUID_KEY,
        "tracking_id": Column("VARCHAR(255)", False),
        "partner_name": Column("VARCHAR(255)"),
        "email": Column("VARCHAR(255)"),
        "access_token": Column("VARCHAR(255)", False),
        "created_at": NOW,
        "expires_at": Column("TIMESTAMP"),
        "is_active": Column("BOOLEAN", True, "true"),
    },
}
INDEXES = {
    "tracking_events": {
        "idx_referrer": ["referrer"],
        "idx_campaign": ["campaign"],
        "idx_original_source": ["original_source"],
        "idx_timestamp": ["timestamp"],
        "idx_event_type": ["event_type"],
    },
    "tracking_users": {"idx_email": ["email"]},
    "partner_access": {"idx_tracking_id": ["tracking_id"], "idx_access_token": ["access_token"]},
}
UNIQUE = {
    "tracking_users": [["email"]],
    "partner_access": [["tracking_id"], ["access_token"]],
}
NEAREST_ON_SQLITE = {
    "UUID": "CHAR(32)",
    "TIMESTAMP": "DATETIME",
    "gen_random_uuid()": "lower(hex(randomblob(16)))",
    "now()": "CURRENT_TIMESTAMP",
    "'viewer'::character varying": "'viewer'",
    "true": "1",
}


def nearest(app: Flask, promised: str | None) -> str | None:
    """Return what stands for `promised` in the database of `app`."""
    sqlite = db.engine.dialect.name == "sqlite"
    return NEAREST_ON_SQLITE.get(promised, promised) if sqlite and promised else promised


@pytest.mark.parametrize("table", PROMISED)
def test_columns_are_as_promised(app: Flask, table: str) -> None:
    with app.app_context():
        columns: dict[str, Any] = {column["name"]: column for column in inspect(db.engine).get_columns(table)}
        for name, promised in PROMISED[table].items():
            column = columns[name]
            assert str(column["type"]) == nearest(app, promised.type), name
            assert column["nullable"] == promised.may_be_null, name
            assert column["default"] == nearest(app, promised.default), name


@pytest.mark.parametrize("table", INDEXES)
def test_indexes_are_as_promised(app: Flask, table: str) -> None:
    with app.app_context():
        found = {index["name"]: index["column_names"] for index in inspect(db.engine).get_indexes(table)}
    assert found.items() >= INDEXES[table].items()


@pytest.mark.parametrize("table", UNIQUE)
def test_unique_columns_are_as_promised(app: Flask, table: str) -> None:
    with app.app_context():
        found = [unique["column_names"] for unique in inspect(db.engine).get_unique_constraints(table)]
    assert sorted(found) == sorted(UNIQUE[table])


@pytest.mark.parametrize(
    ("table", "column", "values"),
    [
        ("tracking_events", "event_type", ["inbound", "outbound"]),
        ("tracking_users", "role", ["admin", "viewer"]),
    ],
)
def test_checks_are_as_promised(app: Flask, table: str, column: str, values: list[str]) -> None:
    with app.app_context():
        [check_text] = [found["sqltext"] for found in inspect(db.engine).get_check_constraints(table)]
    assert column in check_text
    assert all(f"'{value}'" in check_text for value in values)


def test_moments_have_a_zone_on_postgresql(app: Flask) -> None:
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            return
        without = db.session.scalars(
            text(
                "SELECT table_name || '.' || column_name FROM information_schema.columns "
                "WHERE table_schema = 'public' AND data_type = 'timestamp without time zone'"
            )
        ).all()
    assert list(without) == []


def test_a_row_of_the_promised_columns_alone_can_be_stored(app: Flask) -> None:
    with app.app_context():
        db.session.execute(
            text("INSERT INTO tracking_events (referrer, campaign, landing_page) VALUES ('a', 'b', '/')")
        )
        row = db.session.execute(text("SELECT id, timestamp FROM tracking_events")).one()
    assert row.id
    assert row.timestamp


def test_migrations_go_down_and_up_again_without_drift(app: Flask) -> None:
    with app.app_context():
        check(directory=str(FOLDER))
        downgrade(directory=str(FOLDER), revision="base")
        assert inspect(db.engine).get_table_names() == ["alembic_version"]
        upgrade(directory=str(FOLDER))
        check(directory=str(FOLDER))


def test_figures_of_earlier_events_are_counted_when_they_come(app: Flask) -> None:
    with app.app_context():
        capture_events([a_capture(), a_capture(is_bot=True), a_capture(referrer="b")])
        downgrade(directory=str(FOLDER), revision="0001")
        upgrade(directory=str(FOLDER))
        for day in list(days_with_events()):
            with transaction():
                assert not any(check_day(day))


def test_quarter_hours_keep_their_counts_on_the_way_down_and_up(app: Flask) -> None:
    table = QuarterHourFigure.__table__
    with app.app_context():
        capture_events(
            [
                *(a_capture(address=f"203.0.113.{number}") for number in range(3)),
                a_capture(is_bot=True),
                a_capture(event_type=EventType.OUTBOUND, address="203.0.113.3"),
                a_capture(event_type=EventType.OUTBOUND, address="203.0.113.3"),
                a_capture(event_type=EventType.OUTBOUND, original_source="only bots", is_bot=True),
            ]
        )
        before = set(db.session.execute(select(table)).all())
        db.session.rollback()
        downgrade(directory=str(FOLDER), revision="0011-1")
        kept = "SELECT partner, event_type, sum(events), sum(visitors), sum(bots) FROM quarter_hour_figures"
        by_type = set(db.session.execute(text(f"{kept} GROUP BY partner, event_type")).all())
        db.session.rollback()
        upgrade(directory=str(FOLDER))
        assert set(db.session.execute(select(table)).all()) == before
    inbound, outbound = EventType
    assert by_type == {
        ("", inbound, 3, 3, 1),
        ("", outbound, 2, 1, 1),
        ("partner_john", inbound, 3, 3, 1),
        ("partner_john", outbound, 2, 1, 0),
        ("only bots", outbound, 0, 0, 1),
    }
