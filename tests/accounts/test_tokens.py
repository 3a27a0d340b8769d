"""Tokens: ours count, whatever else is sent is a stranger's."""

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from tests.accounts.browsers import a_browser, csrf_token, is_signed_in, send_form, signed_in_again
from tests.conftest import BASE, MakeApp, add_user, signed_in
from wihy.accounts import sessions, tokens

OLD, NEW = BASE["JWT_SECRET"], "the secret that comes after it, which is long too"


def packed(data: object) -> str:
    text = data if isinstance(data, str) else json.dumps(data)
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def claims_of(token: str) -> dict[str, object]:
    claims: dict[str, object] = jwt.decode(token, options={"verify_signature": False})
    return claims


def token_of(client: FlaskClient) -> str:
    return str(client.environ_base["HTTP_AUTHORIZATION"]).removeprefix("Bearer ")


def test_a_token_says_whose_and_which_session(vera: FlaskClient) -> None:
    me = vera.get("/api/auth/me").json
    claims = claims_of(token_of(vera))
    assert claims["sub"] == f"staff:{me['user']['id']}"
    assert claims["sid"] == me["sessionId"]


def test_secrets_rotate(make_app: MakeApp) -> None:
    before = make_app()
    add_user(before, "vera@example.org")
    old = token_of(signed_in(before, "vera@example.org"))
    during = make_app(JWT_SECRET=NEW, JWT_SECRET_PREVIOUS=OLD)
    client = during.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {old}"
    new = client.post("/api/auth/refresh").json["token"]
    after = make_app(JWT_SECRET=NEW)
    for app, token, known in (
        (during, new, True),
        (after, new, True),
        (after, old, False),
        (before, new, False),
    ):
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        assert is_signed_in(client) is known


def test_forms_survive_a_rotation_after_a_reload(make_app: MakeApp) -> None:
    browser = a_browser(make_app(), "vera@example.org")
    csrf_token(browser)
    with browser.session_transaction() as session:
        secret = session["csrf_token"]
    browser.application = make_app(JWT_SECRET=NEW, JWT_SECRET_PREVIOUS=OLD)
    assert browser.get("/settings").status_code == 200
    with browser.session_transaction() as session:
        assert session["csrf_token"] == secret


def test_tokens_expire(make_app: MakeApp) -> None:
    app = make_app(JWT_EXPIRY="90s")
    with time_machine.travel(datetime(2026, 11, 20, tzinfo=UTC), tick=False) as clock:
        add_user(app, "vera@example.org")
        vera = signed_in(app, "vera@example.org")
        clock.shift(timedelta(seconds=89))
        assert is_signed_in(vera)
        clock.shift(timedelta(seconds=1))
        assert not is_signed_in(vera)


def forgeries(token: str) -> dict[str, str]:
    """Tokens that were never issued, by what is wrong with them."""
    head, body, signature = token.split(".")
    claims = claims_of(token)
    admin = packed(claims | {"sub": f"staff:{uuid4()}"})
    none = packed({"alg": "none", "typ": "JWT"})
    infinite = packed('{"exp": 1e999, "iat": NaN}')
    deep = packed("[" * 700 + "]" * 700)
    return {
        "empty": "",
        "word": "x",
        "dots": "..",
        "no signature": f"{head}.{body}.",
        "alg none": f"{none}.{body}.",
        "alg none, signed": f"{none}.{body}.{signature}",
        "alg None": f"{packed({'alg': 'None'})}.{body}.",
        "other claims": f"{head}.{admin}.{signature}",
        "signed with the bare secret": jwt.encode(claims, OLD, "HS256"),
        "signed with another": jwt.encode(claims, NEW, "HS256", {"kid": "x"}),
        "strange kid": jwt.encode(claims, NEW, "HS256", {"kid": "../../dev/null"}),
        "kid is no text": f"{packed({'alg': 'HS256', 'kid': [1]})}.{body}.{signature}",
        "kid is an object": f"{packed({'alg': 'HS256', 'kid': {}})}.{body}.{signature}",
        "head is a list": f"{packed([])}.{body}.{signature}",
        "body is a number": f"{head}.{packed(1)}.{signature}",
        "body is deep": f"{head}.{deep}.{signature}",
        "head is deep": f"{deep}.{body}.{signature}",
        "infinite": f"{head}.{infinite}.{signature}",
        "no base64": f"{head}.{body}.****",
        "huge": token + "A" * 100_000,
        "not ASCII": "é" * 50,
        "two words": f"{token} {token}",
    }


FORGERIES = sorted(forgeries(jwt.encode({"sub": "x"}, NEW)))


@pytest.mark.parametrize("name", FORGERIES)
def test_forgeries_are_strangers(app: Flask, vera: FlaskClient, name: str) -> None:
    forged = forgeries(token_of(vera))[name]
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {forged}".encode().decode("latin-1")
    assert not is_signed_in(client)
    browser = app.test_client()
    assert browser.get("/api/auth/me", headers={"Cookie": f"wihy_session={forged}"}).status_code == 401
    page = browser.get("/settings", headers={"Cookie": f"wihy_session={forged}"})
    assert (page.status_code, page.location) == (302, "/login?next=%2Fsettings")


def test_a_bad_bearer_is_a_strangers_even_beside_a_good_cookie(app: Flask) -> None:
    browser = a_browser(app, "vera@example.org")
    for header in ("Bearer x", "bearer x", "Bearer ", "Bearer"):
        assert browser.get("/api/auth/me", headers={"Authorization": header}).status_code == 401
    assert browser.get("/api/auth/me", headers={"Authorization": "Basic eDp5"}).status_code == 200


def test_a_bearer_goes_before_a_cookie(app: Flask, ada: FlaskClient) -> None:
    browser = a_browser(app, "vera@example.org")
    bearer = {"Authorization": f"bearer  {token_of(ada)}"}
    assert browser.get("/api/auth/me", headers=bearer).json["user"]["email"] == "ada@example.org"


def test_a_token_of_someone_elses_session_is_a_strangers(app: Flask, vera: FlaskClient) -> None:
    with app.app_context():
        own = tokens.read(token_of(vera))
        assert own is not None
        subjects = (f"staff:{uuid4()}", "customer:1", "api_key:1", "staff:", "nobody")
        issued = [tokens.issue(subject, own.session_id) for subject in subjects]
    for token in issued:
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        assert not is_signed_in(client)
    assert is_signed_in(vera)


def test_cookies_of_other_applications_on_this_host_do_no_harm(app: Flask) -> None:
    browser = a_browser(app, "vera@example.org")
    browser.set_cookie("session", "theirs")
    browser.set_cookie("remember_token", "theirs|" + "0" * 128)
    assert is_signed_in(browser)
    assert send_form(browser, "/logout").status_code == 303
    kept = browser.get_cookie("session")
    assert kept is not None
    assert kept.value == "theirs"


@given(st.text(alphabet=st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=300))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_can_be_read_as_a_token(app: Flask, text: str) -> None:
    with app.app_context():
        assert tokens.read(text) is None


def test_without_a_database_it_is_our_fault_not_theirs(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = a_browser(app, "vera@example.org")

    def fail(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(sessions, "find_live_session", fail)
    for path in ("/api/auth/me", "/settings"):
        answer = browser.get(path)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_what_cannot_be_written_down_does_not_fail_the_request(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_user(app, "vera@example.org")
    browser = signed_in_again(app, "vera@example.org")

    def fail(*_: object) -> None:
        raise OperationalError("UPDATE", {}, Exception("locked"))

    monkeypatch.setattr(sessions, "note_use", fail)
    monkeypatch.setattr(sessions, "SEEN_EVERY", timedelta(0))
    assert is_signed_in(browser)
