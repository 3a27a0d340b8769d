"""Giving partners access, taking it away, giving it again: `/api/tracking/partner/…`."""

import re
from datetime import timedelta
from hashlib import sha256

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import MakeApp, add_user, signed_in
from wihy.core.capabilities import Kind, issue_token
from wihy.core.clock import now, to_text
from wihy.core.database import db
from wihy.partners.models import PartnerAccess
from wihy.partners.queries import find_partner

API = "/api/tracking/partner"
CREATE = f"{API}/create"
JOHN = {"trackingId": "partner_john", "partnerName": "John Smith", "email": "john@example.com"}
ENGAGEMENT = "/api/tracking/engagement/partner_john"
ISSUED = {"success", "trackingId", "accessToken", "dashboardUrl", "expiresAt"}
WRITES = [CREATE, *(f"{API}/partner_john/{verb}" for verb in ("revoke", "rotate", "restore"))]


def created(client: FlaskClient, **fields: object) -> str:
    """Add John; returns the token."""
    answer = client.post(CREATE, json=JOHN | fields)
    assert answer.status_code == 201, answer.text
    return str(answer.json["accessToken"])


def access(client: FlaskClient, token: str) -> tuple[int, str]:
    """What `token` opens of John's numbers, or why nothing."""
    answer = client.get(ENGAGEMENT, query_string={"token": token})
    told = answer.json["access"] if answer.status_code == 200 else answer.json["details"][0]["message"]
    return answer.status_code, str(told)


def test_a_partner_is_created_and_their_token_shown_once(
    app: Flask, ada: FlaskClient, stranger: FlaskClient
) -> None:
    with time_machine.travel(moment := now(), tick=False):
        answer = ada.post(CREATE, json=JOHN)
    token = answer.json["accessToken"]
    assert (answer.status_code, answer.json) == (
        201,
        {
            "success": True,
            "trackingId": "partner_john",
            "accessToken": token,
            "dashboardUrl": f"http://localhost/engagement/partner_john?token={token}",
            "expiresAt": to_text(moment + timedelta(days=365)),
        },
    )
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)
    with app.app_context():
        partner = db.session.scalars(select(PartnerAccess)).one()
        assert partner.access_token == sha256(token.encode()).hexdigest()
        assert (partner.partner_name, partner.email) == ("John Smith", "john@example.com")
    assert token not in ada.get("/api/tracking/partners").text


def test_the_token_opens_everything(ada: FlaskClient, stranger: FlaskClient) -> None:
    assert access(stranger, created(ada)) == (200, "private")


def test_name_and_email_may_be_left_out(ada: FlaskClient) -> None:
    assert ada.post(CREATE, json={"trackingId": "x", "partnerName": None}).status_code == 201
    arabic = {"trackingId": "y", "partnerName": "شريك" * 63}
    assert ada.post(CREATE, json=arabic).status_code == 201


@pytest.mark.parametrize("write", WRITES)
def test_viewers_need_the_grant_and_keys_the_scope(app: Flask, ada: FlaskClient, write: str) -> None:
    created(ada)
    if write.endswith("restore"):
        ada.post(f"{API}/partner_john/revoke")
    body = {"json": {"trackingId": "another"}} if write == CREATE else {}
    add_user(app, "vera@example.org")
    add_user(app, "greta@example.org", permissions=("partners:write",))
    assert signed_in(app, "vera@example.org").post(write, **body).status_code == 403

    def with_scope(scope: str) -> int:
        key = ada.post("/api/keys", json={"name": "CRM", "scopes": [scope]}).json["key"]
        return app.test_client().post(write, headers={"X-Api-Key": key}, **body).status_code

    assert with_scope("stats:read") == 403
    assert with_scope("partners:write") in (200, 201)
    if write.endswith("restore"):
        ada.post(f"{API}/partner_john/revoke")
    body = {"json": {"trackingId": "a_third"}} if write == CREATE else {}
    assert signed_in(app, "greta@example.org").post(write, **body).status_code in (200, 201)


@pytest.mark.parametrize("write", WRITES)
def test_strangers_and_the_partner_may_not(ada: FlaskClient, stranger: FlaskClient, write: str) -> None:
    token = created(ada)
    assert stranger.post(write, json=JOHN).status_code == 401
    assert stranger.post(write, json=JOHN, headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert access(stranger, token) == (200, "private")


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"trackingId": "with space"}, "trackingId"),
        ({"trackingId": "x" * 256}, "trackingId"),
        ({"trackingId": "x\n"}, "trackingId"),
        ({"trackingId": 7}, "trackingId"),
        ({"partnerName": "x" * 256}, "partnerName"),
        ({"partnerName": "a\0b"}, "partnerName"),
        ({"partnerName": " "}, "partnerName"),
        ({"email": "john"}, "email"),
        ({"email": "a@b@c"}, "email"),
        ({"expiresInDays": 0}, "expiresInDays"),
        ({"expiresInDays": 3651}, "expiresInDays"),
        ({"expiresInDays": "30"}, "expiresInDays"),
        ({"expiresInDays": True}, "expiresInDays"),
        ({"expiresInDays": 10**30}, "expiresInDays"),
        ({"tokens": 1}, "tokens"),
    ],
)
def test_bad_input_is_told(ada: FlaskClient, bad: dict[str, object], field: str) -> None:
    answer = ada.post(CREATE, json=JOHN | bad)
    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json["details"]] == [field]


def test_an_id_has_one_partner_also_a_revoked_one(ada: FlaskClient) -> None:
    created(ada)
    for _ in range(2):
        answer = ada.post(CREATE, json=JOHN)
        assert (answer.status_code, answer.json["code"]) == (409, "PARTNER_EXISTS")
        ada.post(f"{API}/partner_john/revoke")
    assert ada.post(CREATE, json={"trackingId": "Partner_john"}).status_code == 201


def test_a_token_ends_to_the_second(ada: FlaskClient, stranger: FlaskClient) -> None:
    with time_machine.travel(moment := now(), tick=False) as clock:
        token = created(ada, expiresInDays=1)
        clock.move_to(moment + timedelta(days=1, milliseconds=-1))
        assert access(stranger, token) == (200, "private")
        clock.move_to(moment + timedelta(days=1))
        assert access(stranger, token) == (401, "expired")


def test_a_revoked_token_opens_nothing_and_stays_so(ada: FlaskClient, stranger: FlaskClient) -> None:
    token = created(ada)
    first = ada.post(f"{API}/partner_john/revoke")
    assert first.status_code == 200
    assert first.json == {
        "success": True,
        "trackingId": "partner_john",
        "isActive": False,
        "revokedAt": first.json["revokedAt"],
    }
    assert first.json["revokedAt"]
    assert access(stranger, token) == (401, "revoked")
    assert ada.post(f"{API}/partner_john/revoke").json == first.json


def test_restoring_gives_a_new_token_and_the_old_stays_ended(ada: FlaskClient, stranger: FlaskClient) -> None:
    old = created(ada, expiresInDays=30)
    ends = ada.get("/api/tracking/partners").json["partners"][0]["expiresAt"]
    ada.post(f"{API}/partner_john/revoke")
    answer = ada.post(f"{API}/partner_john/restore")
    assert (answer.status_code, set(answer.json), answer.json["expiresAt"]) == (200, ISSUED, ends)
    assert access(stranger, answer.json["accessToken"]) == (200, "private")
    assert access(stranger, old) == (401, "revoked")


def test_rotating_ends_the_old_token_at_once(ada: FlaskClient, stranger: FlaskClient) -> None:
    old = created(ada)
    answer = ada.post(f"{API}/partner_john/rotate", json={"expiresInDays": 7})
    assert (answer.status_code, set(answer.json)) == (200, ISSUED)
    new = answer.json["accessToken"]
    assert new != old
    assert access(stranger, old) == (401, "revoked")
    assert access(stranger, new) == (200, "private")


def test_a_new_token_after_the_end_works_a_year(ada: FlaskClient) -> None:
    with time_machine.travel(moment := now(), tick=False) as clock:
        created(ada, expiresInDays=1)
        clock.shift(timedelta(days=2))
        add_user(ada.application, "otto@example.org", "admin")  # ada's session has ended meanwhile
        otto = signed_in(ada.application, "otto@example.org")
        answer = otto.post(f"{API}/partner_john/rotate")
    assert answer.json["expiresAt"] == to_text(moment + timedelta(days=2 + 365))


def test_a_wrong_state_is_told(ada: FlaskClient) -> None:
    created(ada)
    answer = ada.post(f"{API}/partner_john/restore")
    assert (answer.status_code, answer.json["code"]) == (409, "PARTNER_NOT_REVOKED")
    ada.post(f"{API}/partner_john/revoke")
    answer = ada.post(f"{API}/partner_john/rotate")
    assert (answer.status_code, answer.json["code"]) == (409, "PARTNER_REVOKED")


@pytest.mark.parametrize("verb", ["revoke", "rotate", "restore"])
def test_nobody_is_not_found(ada: FlaskClient, verb: str) -> None:
    assert ada.post(f"{API}/nobody/{verb}").status_code == 404
    assert ada.post(f"{API}/no.body/{verb}").status_code == 400


def test_a_term_that_is_none_is_told(ada: FlaskClient) -> None:
    token = created(ada)
    assert ada.post(f"{API}/partner_john/rotate", json={"expiresInDays": 0}).status_code == 400
    assert ada.post(f"{API}/partner_john/rotate", data="days=3").status_code == 415
    assert access(ada.application.test_client(), token) == (200, "private")


def test_a_token_can_be_made_again_while_secrets_rotate(make_app: MakeApp) -> None:
    old_secret, new_secret = (
        "the secret of last year, 32 bytes long",
        "the secret of this year, 32 bytes long",
    )
    app = make_app(JWT_SECRET=old_secret)
    add_user(app, "ada@example.org", "admin")
    token = created(signed_in(app, "ada@example.org"))
    later = make_app(JWT_SECRET=new_secret, JWT_SECRET_PREVIOUS=old_secret)
    with later.app_context():
        partner = find_partner("partner_john")
        assert partner
        assert partner.capability.find_token() == token
    ada = signed_in(later, "ada@example.org")
    new = ada.post(f"{API}/partner_john/rotate").json["accessToken"]
    assert new == issue_token(Kind.PARTNER, "partner_john", 2, new_secret)
    assert access(later.test_client(), token) == (401, "revoked")
    much_later = make_app(JWT_SECRET="the secret of next year, 32 bytes long")
    with much_later.app_context():
        partner = find_partner("partner_john")
        assert partner
        assert partner.capability.find_token() is None


def test_no_token_stands_in_the_logs(make_app: MakeApp, capfd: pytest.CaptureFixture[str]) -> None:
    app = make_app(LOG_LEVEL="DEBUG")
    add_user(app, "ada@example.org", "admin")
    ada = signed_in(app, "ada@example.org")
    tokens = [created(ada), ada.post(f"{API}/partner_john/rotate").json["accessToken"]]
    for token in tokens:
        app.test_client().get(ENGAGEMENT, query_string={"token": token})
        app.test_client().get("/engagement/partner_john", query_string={"token": token})
    logged = capfd.readouterr().err
    assert "GET /engagement/partner_john" in logged
    for token in tokens:
        assert token not in logged
