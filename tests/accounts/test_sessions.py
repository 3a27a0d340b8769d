"""Sessions: whoever ends the row ends every token of it."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.accounts.browsers import a_browser, csrf_token, is_signed_in, signed_in_again
from tests.conftest import MakeApp, add_user, signed_in
from wihy.accounts.facts import SessionsEnded
from wihy.accounts.models import Session
from wihy.core.database import db

UNKNOWN = "01a1f801-0000-7000-8000-000000000000"
MORNING = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def last_seen(app: Flask) -> datetime:
    with app.app_context():
        return db.session.scalars(select(Session.last_seen_at)).one()


def test_logout_ends_every_token_of_the_session(app: Flask, vera: FlaskClient) -> None:
    renewed = app.test_client()
    renewed.environ_base["HTTP_AUTHORIZATION"] = "Bearer " + vera.post("/api/auth/refresh").json["token"]
    elsewhere = signed_in(app, "vera@example.org")
    answer = vera.post("/api/auth/logout")
    assert (answer.status_code, answer.json) == (200, {"success": True})
    assert not is_signed_in(vera)
    assert not is_signed_in(renewed)
    assert is_signed_in(elsewhere)
    assert vera.post("/api/auth/logout").status_code == 401


def test_logout_deletes_the_cookie(app: Flask) -> None:
    browser = a_browser(app, "vera@example.org")
    browser.post("/api/auth/logout", headers={"X-CSRFToken": csrf_token(browser)})
    assert browser.get_cookie("wihy_session") is None


def test_me_tells_who_and_what_is_allowed(vera: FlaskClient) -> None:
    me = vera.get("/api/auth/me").json
    assert me["user"]["email"] == "vera@example.org"
    assert me["allPermissions"] == [
        "customers:read",
        "dashboards:read",
        "links:read",
        "partners:read",
        "support:read",
    ]
    assert me["csrfToken"] is None


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/auth/logout"),
        ("POST", "/api/auth/refresh"),
        ("GET", "/api/auth/me"),
        ("POST", "/api/auth/password"),
        ("GET", "/api/auth/sessions"),
        ("DELETE", "/api/auth/sessions"),
        ("DELETE", f"/api/auth/sessions/{UNKNOWN}"),
    ],
)
def test_strangers_have_none(stranger: FlaskClient, method: str, path: str) -> None:
    answer = stranger.open(path, method=method, data=b"not even JSON")
    assert (answer.status_code, answer.json["code"]) == (401, "UNAUTHORIZED")


def test_refresh_keeps_the_session_and_moves_the_expiry(app: Flask) -> None:
    with time_machine.travel(MORNING, tick=False) as clock:
        add_user(app, "vera@example.org")
        vera = signed_in(app, "vera@example.org")
        session_id = vera.get("/api/auth/me").json["sessionId"]
        clock.shift(timedelta(hours=23))
        answer = vera.post("/api/auth/refresh")
        assert set(answer.json) == {"success", "token"}
        assert answer.headers["Set-Cookie"].startswith("wihy_session=" + answer.json["token"])
        clock.shift(timedelta(hours=2))
        assert not is_signed_in(vera)
        vera.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {answer.json['token']}"
        assert vera.get("/api/auth/me").json["sessionId"] == session_id


def test_a_session_ends_when_it_was_idle_too_long(make_app: MakeApp) -> None:
    app = make_app(SESSION_TIMEOUT_HOURS="2", JWT_EXPIRY="30d")
    with time_machine.travel(MORNING, tick=False) as clock:
        add_user(app, "vera@example.org")
        vera = signed_in(app, "vera@example.org")
        for _ in range(3):
            clock.shift(timedelta(minutes=119))
            assert is_signed_in(vera)
        clock.shift(timedelta(minutes=120))
        assert not is_signed_in(vera)


def test_last_seen_is_written_once_a_minute(app: Flask) -> None:
    with time_machine.travel(MORNING, tick=False) as clock:
        add_user(app, "vera@example.org")
        vera = signed_in(app, "vera@example.org")
        clock.shift(timedelta(seconds=59))
        vera.get("/api/auth/me")
        assert last_seen(app) == MORNING
        clock.shift(timedelta(seconds=1))
        vera.get("/api/auth/me")
        assert last_seen(app) == MORNING + timedelta(minutes=1)


def test_a_cookie_past_half_its_life_is_renewed(app: Flask) -> None:
    with time_machine.travel(MORNING, tick=False) as clock:
        browser = a_browser(app, "vera@example.org")
        clock.shift(timedelta(hours=12))
        assert "Set-Cookie" not in browser.get("/api/auth/sessions").headers
        clock.shift(timedelta(seconds=2))
        renewal = browser.get("/api/auth/sessions")
        assert renewal.headers["Set-Cookie"].startswith("wihy_session=ey")
        clock.shift(timedelta(hours=23))
        assert is_signed_in(browser)


def test_a_bearer_gets_no_cookie(app: Flask) -> None:
    with time_machine.travel(MORNING, tick=False) as clock:
        add_user(app, "vera@example.org")
        vera = signed_in(app, "vera@example.org")
        clock.shift(timedelta(hours=13))
        answer = vera.get("/api/auth/me")
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers


def test_signing_out_late_does_not_renew_the_cookie(app: Flask) -> None:
    with time_machine.travel(MORNING, tick=False) as clock:
        browser = a_browser(app, "vera@example.org")
        token = csrf_token(browser)
        clock.shift(timedelta(hours=13))
        answer = browser.delete("/api/auth/sessions", headers={"X-CSRFToken": token})
        assert answer.status_code == 200
        assert browser.get_cookie("wihy_session") is None


def test_sessions_are_listed(app: Flask) -> None:
    browser = a_browser(app, "vera@example.org")
    browser.environ_base["HTTP_USER_AGENT"] = "x" * 300
    signed_in_again(app, "vera@example.org")
    a_browser(app, "ada@example.org")
    mine = browser.get("/api/auth/sessions").json["sessions"]
    assert [one["current"] for one in mine].count(True) == 1
    assert len(mine) == 2
    assert set(mine[0]) == {"id", "createdAt", "lastSeenAt", "userAgent", "current"}


def test_one_session_can_be_ended(app: Flask, vera: FlaskClient, ada: FlaskClient) -> None:
    elsewhere = signed_in(app, "vera@example.org")
    session_id = elsewhere.get("/api/auth/me").json["sessionId"]
    assert ada.delete(f"/api/auth/sessions/{session_id}").status_code == 404
    assert is_signed_in(elsewhere)
    assert vera.delete(f"/api/auth/sessions/{session_id}").status_code == 200
    assert not is_signed_in(elsewhere)
    assert is_signed_in(vera)
    assert vera.delete(f"/api/auth/sessions/{session_id}").status_code == 404
    assert vera.delete("/api/auth/sessions/1").status_code == 404


def test_signing_out_everywhere(app: Flask, vera: FlaskClient, ada: FlaskClient) -> None:
    elsewhere = signed_in(app, "vera@example.org")
    assert vera.delete("/api/auth/sessions").status_code == 200
    assert [is_signed_in(one) for one in (vera, elsewhere, ada)] == [False, False, True]


def test_the_end_of_sessions_is_announced(app: Flask, vera: FlaskClient) -> None:
    told: list[SessionsEnded] = []
    app.extensions["reactions"] = {SessionsEnded: [told.append]}
    session_id = vera.get("/api/auth/me").json["sessionId"]
    vera.delete("/api/auth/sessions")
    assert [[str(one) for one in fact.session_ids] for fact in told] == [[session_id]]
