"""Alive, ready, and what keeps it from serving."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from config import load_settings
from tests.conftest import BASE, MakeApp
from wihy.app import create_app
from wihy.core.database import db, transaction
from wihy.monitoring import health


@pytest.fixture
def without_database(tmp_path: Path) -> FlaskClient:
    """A client of an application whose database does not answer."""
    settings = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing", "INSTANCE_PATH": str(tmp_path)}
    return create_app(load_settings({**BASE, **settings})).test_client()


def test_it_is_alive_without_any_part(without_database: FlaskClient) -> None:
    answer = without_database.get("/healthz", headers={"Host": "10.0.0.7", "Cookie": "wihy_session=x"})
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_it_is_ready_with_all_its_parts(stranger: FlaskClient) -> None:
    answer = stranger.get("/readyz")
    assert answer.status_code == 200
    assert answer.json["status"] == "ok"
    assert {"database", "migrations", "redis", "proxies"} <= answer.json["parts"].keys()
    assert {part["status"] for part in answer.json["parts"].values()} == {"ok"}


def test_it_is_not_ready_without_its_database(without_database: FlaskClient) -> None:
    answer = without_database.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["status"] == "failing"
    assert answer.json["parts"]["database"] == {"status": "failing", "message": "cannot be used"}
    assert "nobody" not in answer.text


def test_it_is_not_ready_before_its_migrations(app: Flask, stranger: FlaskClient) -> None:
    with app.app_context(), transaction():
        db.session.execute(text("DELETE FROM alembic_version"))
    answer = stranger.get("/readyz")
    assert answer.status_code == 503
    assert "migrate" in answer.json["parts"]["migrations"]["message"]


def test_tables_of_a_newer_version_only_warn(app: Flask, stranger: FlaskClient) -> None:
    with app.app_context(), transaction():
        db.session.execute(text("UPDATE alembic_version SET version_num = 'from_the_future'"))
    answer = stranger.get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "warning")


def test_a_lost_redis_only_warns(make_app: MakeApp) -> None:
    answer = make_app(REDIS_URL="redis://127.0.0.1:1/0").test_client().get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "warning")
    assert answer.json["parts"]["redis"]["status"] == "warning"


def test_a_redis_that_answers_is_well(make_app: MakeApp, redis_url: str) -> None:
    answer = make_app(REDIS_URL=redis_url).test_client().get("/readyz")
    assert answer.json["parts"]["redis"] == {"status": "ok", "message": None}


def test_an_untrusted_proxy_is_shown(stranger: FlaskClient) -> None:
    stranger.get("/healthz", headers={"X-Forwarded-For": "203.0.113.9"})
    answer = stranger.get("/readyz")
    assert (answer.status_code, answer.json["parts"]["proxies"]["status"]) == (200, "warning")


def test_rooms_register_parts(stranger: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_parts", {})
    health.register_part("queue", lambda: "a little behind")
    assert stranger.get("/readyz").json == {
        "status": "warning",
        "parts": {"queue": {"status": "warning", "message": "a little behind"}},
    }
