"""The pages of accounts: behaviour, not layout. Nothing here needs JavaScript."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.accounts.browsers import a_browser, csrf_token, is_signed_in, send_form, signed_in_again
from tests.conftest import PASSWORD, add_user
from wihy.accounts.pages import local_path

VERA = {"email": "vera@example.org", "password": PASSWORD}


def id_of(browser: FlaskClient) -> str:
    user_id: str = browser.get("/api/auth/me").json["user"]["id"]
    return user_id


def test_sign_in_by_form(app: Flask, stranger: FlaskClient) -> None:
    add_user(app, "vera@example.org")
    answer = send_form(stranger, "/login", **VERA, next="/settings?tab=keys")
    assert (answer.status_code, answer.location) == (303, "/settings?tab=keys")
    assert is_signed_in(stranger)
    again = stranger.get("/login?next=/settings")
    assert (again.status_code, again.location) == (302, "/settings")


@pytest.mark.parametrize("email", ["vera@example.org", "nobody@example.org", "", "x" * 2000, "a\0b"])
def test_a_wrong_sign_in_shows_the_form_again(app: Flask, stranger: FlaskClient, email: str) -> None:
    add_user(app, "vera@example.org")
    answer = send_form(stranger, "/login", email=email, password="wrong", next="/settings")
    assert answer.status_code == 401
    assert "E-mail or password is wrong" in answer.text
    assert 'value="/settings"' in answer.text
    assert "wihy_session" not in str(answer.headers)


def test_a_stranger_is_sent_to_sign_in_and_back(stranger: FlaskClient) -> None:
    answer = stranger.get("/settings?a=1&b=2")
    assert (answer.status_code, answer.location) == (302, "/login?next=%2Fsettings%3Fa%3D1%26b%3D2")
    assert 'value="/settings?a=1&amp;b=2"' in stranger.get(answer.location).text


@pytest.mark.parametrize("path", ["/", "/settings", "/tracking-dashboard?from=2026-01-01#x", "/é"])
def test_local_paths_are_followed(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "settings",
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        " /settings",
        "/x\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "/" + "x" * 3000,
    ],
)
def test_nobody_is_sent_elsewhere(app: Flask, stranger: FlaskClient, path: str) -> None:
    add_user(app, "vera@example.org")
    assert send_form(stranger, "/login", **VERA, next=path).location == "/"


def test_sign_out(app: Flask) -> None:
    browser = a_browser(app, "vera@example.org")
    elsewhere = signed_in_again(app, "vera@example.org")
    answer = send_form(browser, "/logout")
    assert (answer.status_code, answer.location) == (303, "/login")
    assert browser.get_cookie("wihy_session") is None
    assert not is_signed_in(browser)
    assert is_signed_in(elsewhere)
    assert send_form(browser, "/logout").status_code == 303
    assert browser.get("/logout").status_code == 405


def test_settings_show_users_and_keys_to_admins_only(app: Flask) -> None:
    admin, viewer = a_browser(app, "ada@example.org", "admin"), a_browser(app, "vera@example.org")
    assert "vera@example.org" in admin.get("/settings").text
    assert "API keys" in admin.get("/settings").text
    page = viewer.get("/settings")
    assert page.status_code == 200
    assert "ada@example.org" not in page.text
    assert "API keys" not in page.text


@pytest.mark.parametrize("address", ["users", "users/{}", "keys", "keys/{}/revoke"])
def test_viewers_and_strangers_may_not_manage(app: Flask, stranger: FlaskClient, address: str) -> None:
    viewer = a_browser(app, "vera@example.org")
    address = "/settings/" + address.format("01a1f801-0000-7000-8000-000000000000")
    assert send_form(viewer, address).status_code == 403
    assert send_form(stranger, address).status_code == 401


def test_change_password(app: Flask) -> None:
    browser = a_browser(app, "vera@example.org")
    elsewhere = signed_in_again(app, "vera@example.org")
    new = {"currentPassword": PASSWORD, "newPassword": "a new password"}
    short = send_form(browser, "/settings/password", **new | {"newPassword": "short"})
    assert short.status_code == 400
    assert "use at least 8 characters" in short.text
    wrong = send_form(browser, "/settings/password", **new | {"currentPassword": "wrong"})
    assert wrong.status_code == 400
    assert "not your current password" in wrong.text
    answer = send_form(browser, "/settings/password", **new)
    assert (answer.status_code, answer.location) == (303, "/settings#password")
    assert "Password changed" in browser.get("/settings").text
    assert not is_signed_in(elsewhere)
    signed_in_again(app, "vera@example.org", "a new password")


def test_sign_out_one_session_and_all(app: Flask) -> None:
    browser = a_browser(app, "vera@example.org")
    elsewhere, third = (signed_in_again(app, "vera@example.org") for _ in range(2))
    session_id = elsewhere.get("/api/auth/me").json["sessionId"]
    assert send_form(browser, f"/settings/sessions/{session_id}/end").status_code == 303
    assert [is_signed_in(one) for one in (browser, elsewhere, third)] == [True, False, True]
    assert send_form(browser, f"/settings/sessions/{session_id}/end").status_code == 404
    assert send_form(browser, "/settings/sessions/end").location == "/login"
    assert [is_signed_in(one) for one in (browser, third)] == [False, False]


def test_create_and_change_users(app: Flask) -> None:
    browser = a_browser(app, "ada@example.org", "admin")
    eve = {"email": "eve@example.org", "password": "a password of eve", "role": "viewer"}
    both = ["links:write", "partners:write"]
    assert send_form(browser, "/settings/users", **eve, permissions=both).status_code == 303
    taken = send_form(browser, "/settings/users", **eve)
    assert taken.status_code == 409
    assert "Another account has this e-mail" in taken.text
    eves = signed_in_again(app, "eve@example.org", "a password of eve")
    address = f"/settings/users/{id_of(eves)}"
    assert eves.get("/api/auth/me").json["user"]["permissions"] == both
    assert send_form(browser, address, role="viewer", permissions=["", "links:write"]).status_code == 303
    assert eves.get("/api/auth/me").json["user"]["permissions"] == ["links:write"]
    assert send_form(browser, address, permissions=[""]).status_code == 303
    assert eves.get("/api/auth/me").json["user"]["permissions"] == []
    assert send_form(browser, address, isActive="false").status_code == 303
    assert not is_signed_in(eves)
    assert "Deactivated" in browser.get("/settings").text


def test_the_last_admin_stays(app: Flask) -> None:
    browser = a_browser(app, "ada@example.org", "admin")
    answer = send_form(browser, f"/settings/users/{id_of(browser)}", role="viewer")
    assert answer.status_code == 409
    assert "last active admin" in answer.text
    assert is_signed_in(browser)


def test_a_key_is_shown_once_and_kept_nowhere(app: Flask) -> None:
    browser = a_browser(app, "ada@example.org", "admin")
    answer = send_form(browser, "/settings/keys", name="Importer", scopes=["capture", "stats:read"])
    assert answer.status_code == 200
    key = re.search(r"wihy_[A-Za-z0-9_-]{43}", answer.text)
    assert key
    assert answer.headers["Cache-Control"] == "private, no-store"
    page = browser.get("/settings")
    assert "Importer" in page.text
    assert key[0] not in page.text
    with browser.session_transaction() as session:
        assert key[0] not in str(session)
    key_id = browser.get("/api/keys").json["keys"][0]["id"]
    assert send_form(browser, f"/settings/keys/{key_id}/revoke").status_code == 303
    assert browser.get("/api/keys").json["keys"][0]["revokedAt"]


def test_a_form_sent_again_makes_no_second_key(app: Flask) -> None:
    browser = a_browser(app, "ada@example.org", "admin")
    found = re.search(r'name="keyId" value="([0-9a-f-]{36})"', browser.get("/settings").text)
    assert found
    form = {"name": "Importer", "scopes": "capture", "keyId": found[1]}
    assert send_form(browser, "/settings/keys", **form).status_code == 200
    again = send_form(browser, "/settings/keys", **form)
    assert again.status_code == 409
    assert "This key was made already" in again.text
    assert len(browser.get("/api/keys").json["keys"]) == 1


def test_a_key_without_scopes_is_told_beside_them(app: Flask) -> None:
    browser = a_browser(app, "ada@example.org", "admin")
    answer = send_form(browser, "/settings/keys", name="Importer")
    assert answer.text.count("Choose at least one thing it may do") == 1
    assert 'value="Importer"' in answer.text
    kept = send_form(browser, "/settings/keys", scopes=["capture"])
    assert 'value="capture" checked' in kept.text


@pytest.mark.parametrize(
    ("address", "part"),
    [("users", "users"), ("keys", "keys"), ("password", "password"), ("keys/x/revoke", "keys")],
)
def test_the_address_of_a_form_leads_back_to_it(app: Flask, address: str, part: str) -> None:
    answer = a_browser(app, "vera@example.org").get(f"/settings/{address}")
    assert (answer.status_code, answer.location) == (302, f"/settings#{part}")


@pytest.mark.parametrize("fields", [{}, {"name": "Importer"}, {"name": "Importer", "scopes": ["everything"]}])
def test_a_key_needs_a_name_and_scopes(app: Flask, fields: dict[str, str | list[str]]) -> None:
    browser = a_browser(app, "ada@example.org", "admin")
    assert send_form(browser, "/settings/keys", **fields).status_code == 400
    assert browser.get("/api/keys").json["keys"] == []


def test_a_form_of_another_page_does_not_count(app: Flask) -> None:
    browser = a_browser(app, "ada@example.org", "admin")
    token = csrf_token(a_browser(app, "vera@example.org"))
    answer = browser.post("/settings/keys", data={"csrf_token": token, "name": "x", "scopes": "capture"})
    assert answer.status_code == 400
    assert browser.get("/api/keys").json["keys"] == []
