"""No route changes anything unseen: each one that writes is sent what it takes, and leaves what it is to leave."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.accounts.browsers import send_form, signed_in_again
from tests.audit.writes import NEW_PASSWORD, NOT_RECORDED, WRITES, Write
from tests.conftest import PASSWORD, add_customer, add_user, signed_in
from wihy.accounts.keys import create_key
from wihy.accounts.models import Session
from wihy.accounts.resets import make_token
from wihy.accounts.service import find_user
from wihy.audit.models import AuditEntry, AuditPersonal
from wihy.core.database import db, transaction
from wihy.customers.records import put_records
from wihy.customers.schemas import NamedRecord
from wihy.links.service import NewLink, create_link
from wihy.partners.service import add_partner, end_after, revoke_partner
from wihy.points.queries import list_entries
from wihy.points.service import SUPPORT_INTERACTION, award
from wihy.shares.service import NewShare, create_share

METHODS = {"POST", "PUT", "PATCH", "DELETE"}
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@on_sqlite
def test_each_route_that_writes_is_recorded_or_says_why_not(app: Flask) -> None:
    routes = {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in METHODS & (rule.methods or set())
    }
    assert routes == WRITES.keys() | NOT_RECORDED.keys()
    assert WRITES.keys() & NOT_RECORDED.keys() == set()


@pytest.fixture
def stage(app: Flask) -> Mapping[str, str]:
    """One of everything; returns the names of what has names of its own."""
    add_user(app, "ada@example.org", "admin")
    user = add_user(app, "vera@example.org")
    add_customer(app, 7, "alice@example.org")
    for email in ("vera@example.org", "alice@example.org"):
        signed_in(app, email)
    with app.app_context(), transaction():
        key, _ = create_key("old", ["capture"])
        for tracking_id in ("anna", "rita"):
            add_partner(tracking_id, None, "anna@example.org", end_after(30))
        revoke_partner("rita")
        create_link(NewLink(slug="spring", target="https://shop.example/", referrer="anna"))
        share = create_share(NewShare.model_validate({"name": "old", "filters": {"campaign": "old"}})).share
        put_records([NamedRecord.model_validate({"kind": "ride", "id": 1, "customerId": 7})])
        award(7, SUPPORT_INTERACTION, "ticket:1:created")
        [listed] = list_entries(7, limit=1).entries
        vera = find_user("vera@example.org")
        assert vera
        names = {"user": user, "key": str(key.id), "share": str(share.id), "reset_token": make_token(vera)}
    return {**names, "entry": str(listed.entry.id), "partner": "anna", "revoked": "rita"}


@pytest.mark.parametrize("route", WRITES)
@on_sqlite
def test_what_a_route_changes_is_recorded(app: Flask, stage: Mapping[str, str], route: str) -> None:
    ada = signed_in_again(app, "ada@example.org")
    names = {**stage, "session": another_session(app)}
    before = {entry.id for entry in all_entries(app)}
    answer = send(ada, route, WRITES[route], names)
    assert answer.status_code < 400, answer.text
    new = [entry for entry in all_entries(app) if entry.id not in before]
    assert sorted(entry.action for entry in new) == sorted(WRITES[route].actions)
    actor = f"staff:{names['user'] if 'reset' in route else id_of(app, 'ada@example.org')}"
    assert {entry.actor for entry in new} == {actor}
    assert {entry.request_id for entry in new} == {answer.headers["X-Request-Id"]}
    for secret in (PASSWORD, NEW_PASSWORD, *secrets_in(answer)):
        assert secret not in all_texts(app)


def another_session(app: Flask) -> str:
    """Sign ada in somewhere else; returns the session."""
    signed_in(app, "ada@example.org")
    newest = select(Session.id).order_by(Session.id.desc()).limit(1)
    with app.app_context():
        return str(db.session.scalars(newest).one())


def send(ada: FlaskClient, route: str, write: Write, names: Mapping[str, str]) -> TestResponse:
    """Send as ada what the route takes: the API JSON, a page a form."""
    method, _, rule = route.partition(" ")
    path = (write.path or rule).format_map(names)
    sent = {
        name: value.format_map(names) if isinstance(value, str) else value
        for name, value in write.sent.items()
    }
    if path.startswith("/api/"):
        token = ada.get("/api/auth/me").json["csrfToken"]
        return ada.open(path, method=method, json=sent, headers={"X-CSRFToken": token})
    return send_form(ada, path, **sent)


def all_entries(app: Flask) -> list[AuditEntry]:
    with app.app_context():
        return list(db.session.scalars(select(AuditEntry)))


def all_texts(app: Flask) -> str:
    """Return everything that the log holds."""
    with app.app_context():
        personal = list(db.session.scalars(select(AuditPersonal.content)))
    return json.dumps([[entry.thing, entry.details] for entry in all_entries(app)]) + json.dumps(personal)


def secrets_in(answer: TestResponse) -> list[str]:
    """Return what an answer shows this once."""
    told: dict[str, Any] = answer.json if answer.is_json else {}
    names = ("token", "key", "accessToken", "url", "engagementUrl")
    return [told[name] for name in names if isinstance(told.get(name), str)]


def id_of(app: Flask, email: str) -> UUID:
    with app.app_context():
        user = find_user(email)
    assert user
    return user.id
