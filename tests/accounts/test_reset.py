"""Forgotten passwords: the link in the mail, once, for half an hour, for whom it was sent to."""

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.accounts.browsers import a_browser, csrf_token, is_signed_in, send_form, signed_in_again
from tests.conftest import BASE, PASSWORD, MakeApp, add_user
from tests.outbox.stage import rows, sweep_once, the_row
from wihy.outbox.mail import deliver
from wihy.outbox.models import Message
from wihy.outbox.service import MAIL

PATH = "/reset-password"
NEW = "a new and better password"
VERA = "vera@example.org"


def mails_of(app: Flask) -> list[str]:
    """Let all mails leave; returns the tokens in those that do."""
    tokens: list[str] = []

    def note(message: Message) -> None:
        given = app.extensions["mails"][message.template](message.details)
        tokens.append(re.search(r"\?token=([\w-]+)$", given["link"])[1])  # type: ignore[index]

    app.extensions["deliveries"] = {MAIL: note}
    sweep_once(app)
    app.extensions["deliveries"] = {MAIL: deliver}
    return tokens


def ask(app: Flask, email: str = VERA) -> str:
    """Ask for a link as a stranger; returns the token that is sent."""
    assert send_form(app.test_client(), PATH, email=email).status_code == 200
    [token] = mails_of(app)
    return token


def choose(browser: FlaskClient, token: str, password: str = NEW) -> int:
    """Send the form of the new password; returns the status."""
    status: int = send_form(browser, f"{PATH}/new", token=token, newPassword=password).status_code
    return status


def test_from_the_forgotten_password_to_the_new_one(app: Flask, stranger: FlaskClient) -> None:
    elsewhere = a_browser(app, VERA)
    assert PATH in stranger.get("/login").text
    token = ask(app, " Vera@Example.org ")
    page = stranger.get(f"{PATH}?token={token}")
    assert page.status_code == 200
    assert VERA in page.text
    assert is_signed_in(elsewhere)
    answer = send_form(stranger, f"{PATH}/new", token=token, newPassword=NEW)
    assert (answer.status_code, answer.location) == (303, "/login")
    assert "Your password is changed" in stranger.get("/login").text
    assert not is_signed_in(elsewhere)
    assert not is_signed_in(stranger)
    signed_in_again(app, VERA, NEW)
    assert stranger.post("/api/auth/login", json={"email": VERA, "password": PASSWORD}).status_code == 401


def test_it_works_once(app: Flask, stranger: FlaskClient) -> None:
    add_user(app, VERA)
    first, second = ask(app), ask(app)
    assert choose(stranger, first) == 303
    for token in (first, second):
        assert choose(stranger, token, "yet another password") == 400
        assert "does not work any more" in stranger.get(f"{PATH}?token={token}").text
    signed_in_again(app, VERA, NEW)


def test_reading_the_page_changes_nothing(app: Flask, stranger: FlaskClient) -> None:
    add_user(app, VERA)
    token = ask(app)
    for _ in range(3):
        assert stranger.get(f"{PATH}?token={token}").status_code == 200
        assert stranger.head(f"{PATH}?token={token}").status_code == 200
    signed_in_again(app, VERA)
    assert choose(stranger, token) == 303


def test_it_works_for_half_an_hour(app: Flask, stranger: FlaskClient) -> None:
    add_user(app, VERA)
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False) as clock:
        token = ask(app)
        clock.shift(timedelta(minutes=29, seconds=59))
        assert stranger.get(f"{PATH}?token={token}").status_code == 200
        clock.shift(timedelta(seconds=1))
        assert stranger.get(f"{PATH}?token={token}").status_code == 400
        assert choose(stranger, token) == 400
    signed_in_again(app, VERA)


@pytest.mark.parametrize("change", ["x", "cut", "other user", "", "é", "a" * 71, "%00"])
def test_a_token_that_is_not_ours_opens_nothing(app: Flask, stranger: FlaskClient, change: str) -> None:
    add_user(app, VERA)
    add_user(app, "ada@example.org", "admin")
    vera, ada = ask(app), ask(app, "ada@example.org")
    wrong = {
        "x": vera[:-2] + ("A" if vera[-2] != "A" else "B") + vera[-1],
        "cut": vera[:-1],
        "other user": ada[:21] + vera[21:],
    }.get(change, change)
    assert stranger.get(PATH, query_string={"token": wrong}).status_code == 400
    assert choose(stranger, wrong) == 400
    signed_in_again(app, VERA)


def test_a_deactivated_user_cannot_come_back(app: Flask, stranger: FlaskClient) -> None:
    add_user(app, VERA)
    admin = a_browser(app, "ada@example.org", "admin")
    token = ask(app)
    user_id = next(user["id"] for user in admin.get("/api/users").json["users"] if user["email"] == VERA)
    assert send_form(admin, f"/settings/users/{user_id}", isActive="false").status_code == 303
    assert choose(stranger, token) == 400
    assert send_form(stranger, PATH, email=VERA).status_code == 200
    assert mails_of(app) == []


def test_nothing_tells_who_has_an_account(app: Flask, stranger: FlaskClient) -> None:
    add_user(app, VERA)
    csrf = csrf_token(stranger)

    def asked(email: str) -> tuple[int, str, str]:
        answer = stranger.post(PATH, data={"csrf_token": csrf, "email": email})
        headers = {name: value for name, value in answer.headers if name != "X-Request-Id"}
        text = re.sub(r'value="[\w=-]{60,}"', "", answer.text).replace(email, "EMAIL")
        return answer.status_code, text, str(sorted(name for name in headers))

    assert asked(VERA) == asked("nobody@example.org")
    vera, nobody = rows(app)
    shown = ("kind", "template", "language", "attempts", "next_try_at", "error")
    assert {name: getattr(vera, name) for name in shown if name != "next_try_at"} == {
        name: getattr(nobody, name) for name in shown if name != "next_try_at"
    }  # the same work was done for both; who has an account is looked up when the mail leaves
    assert len(mails_of(app)) == 1


def test_an_address_is_not_flooded(app: Flask) -> None:
    add_user(app, VERA)
    for _ in range(5):
        assert send_form(app.test_client(), PATH, email=VERA).status_code == 200
    assert len(mails_of(app)) == 3
    for _ in range(4):
        assert send_form(app.test_client(), PATH, email="nobody@example.org").status_code == 200
    assert mails_of(app) == []
    assert len(rows(app)) == 6


def test_one_asker_cannot_ask_for_ever(app: Flask, stranger: FlaskClient) -> None:
    csrf = csrf_token(stranger)
    answers = [
        stranger.post(PATH, data={"csrf_token": csrf, "email": f"{number}@example.org"})
        for number in range(11)
    ]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0


@pytest.mark.parametrize("email", ["", "vera", "a@b@c", "x" * 300 + "@example.org", "a\0@b"])
def test_what_is_no_address_is_told(app: Flask, stranger: FlaskClient, email: str) -> None:
    answer = send_form(stranger, PATH, email=email)
    assert answer.status_code == 400
    assert rows(app) == []


@pytest.mark.parametrize("password", ["", "short", "x" * 73])
def test_a_password_that_cannot_be_used_is_told_and_the_link_stays(
    app: Flask, stranger: FlaskClient, password: str
) -> None:
    add_user(app, VERA)
    token = ask(app)
    answer = send_form(stranger, f"{PATH}/new", token=token, newPassword=password)
    assert answer.status_code == 400
    assert token in answer.text
    assert choose(stranger, token) == 303


def test_the_token_goes_nowhere_else(
    app: Flask, stranger: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    add_user(app, VERA)
    token = ask(app)
    row = the_row(app)
    assert token not in str({name: getattr(row, name) for name in Message.__table__.columns.keys()})  # noqa: SIM118
    answer = stranger.get(f"{PATH}?token={token}")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert "http" not in re.sub(r'xmlns="[^"]+"', "", answer.text)
    assert token not in caplog.text


@pytest.mark.parametrize(("secret", "status"), [(BASE["JWT_SECRET"], 303), (None, 400)])
def test_links_survive_a_rotation_of_secrets(make_app: MakeApp, secret: str | None, status: int) -> None:
    app = make_app()
    add_user(app, VERA)
    token = ask(app)
    previous = {"JWT_SECRET_PREVIOUS": secret} if secret else {}
    rotated = make_app(JWT_SECRET="the next secret for the tests, long enough", **previous)
    assert choose(rotated.test_client(), token) == status


def test_forms_need_their_csrf_token(app: Flask, stranger: FlaskClient) -> None:
    add_user(app, VERA)
    assert stranger.post(PATH, data={"email": VERA}).status_code == 400
    assert stranger.post(f"{PATH}/new", data={"token": ask(app), "newPassword": NEW}).status_code == 400
    signed_in_again(app, VERA)


def test_the_address_of_a_refused_form_leads_back(stranger: FlaskClient) -> None:
    answer = stranger.get(f"{PATH}/new")
    assert (answer.status_code, answer.location) == (302, PATH)


def test_without_mail_in_production_nothing_is_offered(make_app: MakeApp) -> None:
    client = make_app(WIHY_ENV="production").test_client()
    assert PATH not in client.get("/login").text
    assert client.get(PATH).status_code == 404
    assert client.post(PATH, data={"email": VERA}).status_code == 404


def test_the_mail_speaks_the_askers_language(app: Flask, stranger: FlaskClient) -> None:
    data = {"csrf_token": csrf_token(stranger), "email": VERA}
    stranger.post(PATH, data=data, headers={"Accept-Language": "de, sw;q=0.9, fr;q=0.5"})
    assert the_row(app).language == "sw"
