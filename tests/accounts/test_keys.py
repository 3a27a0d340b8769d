"""API keys of programs."""

import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import add_user, signed_in
from wihy.accounts.models import ApiKey
from wihy.core.access import allow, staff
from wihy.core.database import db

UNKNOWN = "01a1f801-0000-7000-8000-000000000000"
KEYS = "/api/keys"
IMPORTER = {"name": "Importer", "scopes": ["stats:read", "capture", "capture"]}


@pytest.fixture
def app(app: Flask) -> Flask:
    """An application with a route for a key of scope `stats:read`."""
    app.add_url_rule("/api/figures", view_func=allow(staff, key="stats:read")(lambda: {"seen": True}))
    return app


def test_a_key_is_shown_once(app: Flask, ada: FlaskClient) -> None:
    answer = ada.post(KEYS, json=IMPORTER)
    assert answer.status_code == 201
    key, stored = answer.json["key"], answer.json["apiKey"]
    assert re.fullmatch(r"wihy_[A-Za-z0-9_-]{43}", key)
    assert (stored["name"], stored["scopes"]) == ("Importer", ["capture", "stats:read"])
    listed = ada.get(KEYS)
    assert listed.json["keys"] == [stored]
    assert key not in listed.text
    with app.app_context():
        assert db.session.scalars(select(ApiKey.digest)).all() == [sha256(key.encode()).hexdigest()]


def test_a_key_opens_what_its_scopes_say(app: Flask, ada: FlaskClient, stranger: FlaskClient) -> None:
    reader = {"X-Api-Key": ada.post(KEYS, json=IMPORTER).json["key"]}
    assert stranger.get("/api/figures", headers=reader).json == {"seen": True}
    other = {"X-Api-Key": ada.post(KEYS, json=IMPORTER | {"scopes": ["capture"]}).json["key"]}
    assert stranger.get("/api/figures", headers=other).status_code == 403
    assert stranger.get(KEYS, headers=reader).status_code == 403
    assert stranger.get("/api/auth/me", headers=reader).status_code == 403


@pytest.mark.parametrize("key", ["", "wihy_", "x" * 5000, "wihy_" + "A" * 43, "é"])
def test_a_wrong_key_is_a_strangers_even_beside_a_good_bearer(ada: FlaskClient, key: str) -> None:
    assert ada.get("/api/figures").status_code == 200
    assert ada.get("/api/figures", headers={"X-Api-Key": key}).status_code == 401


def test_a_revoked_key_ends_at_once(ada: FlaskClient, stranger: FlaskClient) -> None:
    made = ada.post(KEYS, json=IMPORTER).json
    header, address = {"X-Api-Key": made["key"]}, f"{KEYS}/{made['apiKey']['id']}"
    revoked = ada.delete(address)
    assert revoked.status_code == 200
    assert revoked.json["apiKey"]["revokedAt"]
    assert stranger.get("/api/figures", headers=header).status_code == 401
    assert ada.delete(address).json == revoked.json


def test_use_is_written_down_once_a_minute(app: Flask) -> None:
    morning = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)

    def last_used() -> datetime | None:
        with app.app_context():
            return db.session.scalars(select(ApiKey.last_used_at)).one()

    with time_machine.travel(morning, tick=False) as clock:
        add_user(app, "ada@example.org", "admin")
        header = {"X-Api-Key": signed_in(app, "ada@example.org").post(KEYS, json=IMPORTER).json["key"]}
        assert last_used() is None
        for seconds, written in ((0, 0), (59, 0), (1, 60)):
            clock.shift(timedelta(seconds=seconds))
            app.test_client().get("/api/figures", headers=header)
            assert last_used() == morning + timedelta(seconds=written)


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("POST", ""), ("DELETE", f"/{UNKNOWN}")])
def test_others_may_not(vera: FlaskClient, stranger: FlaskClient, method: str, path: str) -> None:
    assert vera.open(KEYS + path, method=method).status_code == 403
    assert stranger.open(KEYS + path, method=method).status_code == 401


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes.0"),
        ({"scopes": "capture"}, "scopes"),
        ({"expires": 1}, "expires"),
    ],
)
def test_bad_input_is_told(ada: FlaskClient, bad: dict[str, object], field: str) -> None:
    answer = ada.post(KEYS, json=IMPORTER | bad)
    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json["details"]] == [field]


def test_unknown_keys_are_not_found(ada: FlaskClient) -> None:
    assert ada.delete(f"{KEYS}/{UNKNOWN}").status_code == 404
    assert ada.delete(f"{KEYS}/x").status_code == 404
