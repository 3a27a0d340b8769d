"""Signing in."""

import logging
from datetime import UTC, datetime

import bcrypt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.accounts.browsers import is_signed_in
from tests.conftest import PASSWORD, MakeApp, add_user
from wihy.accounts.models import Session, SignInFailure, User
from wihy.core.database import db, transaction

LOGIN = "/api/auth/login"
ADA = {"email": "ada@example.org", "password": PASSWORD}
WRONG = {
    "success": False,
    "status": "error",
    "code": "UNAUTHORIZED",
    "message": "E-mail or password is wrong",
}


def test_the_answer_has_its_shape(app: Flask, stranger: FlaskClient) -> None:
    ada = add_user(app, "ada@example.org", "admin")
    answer = stranger.post(LOGIN, json=ADA)
    assert answer.status_code == 200
    token = answer.json["token"]
    user = {"id": ada, "email": "ada@example.org", "role": "admin"}
    assert answer.json == {"success": True, "token": token, "user": user}


def test_the_token_works_as_bearer_and_as_cookie(app: Flask, stranger: FlaskClient) -> None:
    add_user(app, "ada@example.org")
    token = stranger.post(LOGIN, json=ADA).json["token"]
    assert is_signed_in(stranger)
    other = app.test_client()
    assert not is_signed_in(other)
    other.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    assert is_signed_in(other)


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(app: Flask, stranger: FlaskClient) -> None:
    add_user(app, "ada@example.org")
    cookie = stranger.post(LOGIN, json=ADA).headers["Set-Cookie"]
    parts = {part.strip() for part in cookie.split(";")}
    assert parts >= {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=86400"}
    assert "Secure" not in parts


def test_in_production_cookies_need_https(make_app: MakeApp) -> None:
    app = make_app(WIHY_ENV="production", PUBLIC_URL="https://wihy.example")
    add_user(app, "ada@example.org")
    signed_in = app.test_client().post(LOGIN, json=ADA)
    form = app.test_client().get("/login")
    for cookie in (signed_in.headers["Set-Cookie"], form.headers["Set-Cookie"]):
        assert {"Secure", "HttpOnly", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}


def test_the_email_is_trimmed_and_its_case_does_not_matter(app: Flask, stranger: FlaskClient) -> None:
    add_user(app, "ada@example.org")
    assert stranger.post(LOGIN, json=ADA | {"email": "  Ada@Example.ORG "}).status_code == 200


def test_last_login_is_set(app: Flask, stranger: FlaskClient) -> None:
    add_user(app, "ada@example.org")
    before = datetime.now(UTC).replace(microsecond=0)
    stranger.post(LOGIN, json=ADA)
    with app.app_context():
        last_login = db.session.scalar(select(User.last_login))
    assert last_login is not None
    assert last_login >= before


def test_a_success_leaves_no_failure(app: Flask, stranger: FlaskClient) -> None:
    add_user(app, "ada@example.org")
    stranger.post(LOGIN, json=ADA | {"password": "wrong password"})
    stranger.post(LOGIN, json=ADA)
    with app.app_context():
        assert len(db.session.scalars(select(SignInFailure)).all()) == 1


def test_flasks_own_session_stays_empty(app: Flask, stranger: FlaskClient) -> None:
    add_user(app, "ada@example.org")
    stranger.get("/login")
    stranger.post(LOGIN, json=ADA)
    stranger.get("/settings")
    with stranger.session_transaction() as session:
        assert set(session) == {"csrf_token"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "wrong password"},
        {"password": ""},
        {"password": PASSWORD + "x" * 60},  # over bcrypt's 72 bytes
        {"email": "nobody@example.org"},
        {"email": "no e-mail at all"},
        {"email": "vera@example.org"},  # deactivated
    ],
)
def test_every_wrong_cause_is_answered_alike_after_one_check(
    app: Flask, stranger: FlaskClient, wrong: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    add_user(app, "ada@example.org")
    add_user(app, "vera@example.org")
    with app.app_context(), transaction():
        db.session.scalars(select(User).where(User.email == "vera@example.org")).one().is_active = False
    checked: list[bytes] = []
    really = bcrypt.checkpw

    def check(password: bytes, hashed: bytes) -> bool:
        checked.append(hashed[:7])
        return really(password, hashed)

    monkeypatch.setattr(bcrypt, "checkpw", check)
    answer = stranger.post(LOGIN, json=ADA | wrong)
    assert (answer.status_code, answer.json) == (401, WRONG)
    assert "Set-Cookie" not in answer.headers
    assert checked == [b"$2b$04$"]


def test_bytes_beyond_the_72nd_are_not_ignored(app: Flask, stranger: FlaskClient) -> None:
    longest = "p" * 72
    ada = add_user(app, "ada@example.org", "admin")
    stranger.post(LOGIN, json=ADA)
    token = stranger.get("/api/auth/me").json["csrfToken"]
    changed = stranger.patch(f"/api/users/{ada}", json={"password": longest}, headers={"X-CSRFToken": token})
    assert changed.status_code == 200
    assert stranger.post(LOGIN, json=ADA | {"password": longest + "p"}).status_code == 401
    assert stranger.post(LOGIN, json=ADA | {"password": longest}).status_code == 200


def test_a_stored_text_that_is_no_hash_matches_nothing(app: Flask, stranger: FlaskClient) -> None:
    with app.app_context(), transaction():
        db.session.add(User(email="ada@example.org", password_hash="x"))
    assert stranger.post(LOGIN, json=ADA).status_code == 401


def test_a_hash_of_other_work_is_renewed_at_sign_in(app: Flask, stranger: FlaskClient) -> None:
    weak = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(5)).decode()
    with app.app_context(), transaction():
        db.session.add(User(email="ada@example.org", password_hash=weak))
    assert stranger.post(LOGIN, json=ADA).status_code == 200
    with app.app_context():
        assert str(db.session.scalar(select(User.password_hash))).startswith("$2b$04$")
    assert stranger.post(LOGIN, json=ADA).status_code == 200


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"email", "password"}),
        ({"email": 1, "password": None}, {"email", "password"}),
        (ADA | {"email": "a\0@b"}, {"email"}),
        (ADA | {"password": "x" * 2000}, {"password"}),
        (ADA | {"remember": True}, {"remember"}),
        ([], {""}),
    ],
)
def test_bad_bodies_are_told_in_full(stranger: FlaskClient, body: object, fields: set[str]) -> None:
    answer = stranger.post(LOGIN, json=body)
    assert answer.status_code == 400
    assert answer.json["code"] == "INVALID_REQUEST"
    assert {detail["field"] for detail in answer.json["details"]} == fields


def test_other_kinds_of_bodies_are_refused(stranger: FlaskClient) -> None:
    assert stranger.post(LOGIN, data=ADA).status_code == 415
    json = {"content_type": "application/json"}
    assert stranger.post(LOGIN, data=b'{"email":', **json).status_code == 400
    assert stranger.post(LOGIN, data=b'{"email":"\\ud800","password":"x"}', **json).status_code == 400
    assert stranger.post(LOGIN, data=b'{"email":"\xff","password":"x"}', **json).status_code == 400
    assert stranger.post(LOGIN, data=b" " * 300_000, **json).status_code == 413


def test_attempts_are_logged_without_telling_who(
    app: Flask, stranger: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    add_user(app, "ada@example.org")
    with caplog.at_level(logging.INFO, "wihy.accounts"):
        token = stranger.post(LOGIN, json=ADA).json["token"]
        stranger.post(LOGIN, json=ADA | {"password": "wrong password"})
    lines = [record.getMessage() for record in caplog.records if record.name == "wihy.accounts.sign_in"]
    assert [line.split(",")[0] for line in lines] == ["sign-in right", "sign-in wrong"]
    for secret in ("ada@", PASSWORD, "wrong password", "127.0.0.1", token):
        assert secret not in caplog.text


def test_dead_sessions_of_the_same_person_are_cleared_away(app: Flask, stranger: FlaskClient) -> None:
    add_user(app, "ada@example.org")
    for _ in range(3):
        token = stranger.post(LOGIN, json=ADA).json["token"]
        stranger.post("/api/auth/logout", headers={"Authorization": f"Bearer {token}"})
    stranger.post(LOGIN, json=ADA)
    with app.app_context():
        assert len(db.session.scalars(select(Session)).all()) == 1
