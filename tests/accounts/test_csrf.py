"""Writes that a cookie vouches for carry the CSRF token; a bearer cannot be sent by another site."""

from flask import Flask
from flask.testing import FlaskClient

from tests.accounts.browsers import a_browser

NEW_KEY = {"name": "Importer", "scopes": ["capture"]}


def test_a_cookie_borne_write_needs_the_token(app: Flask) -> None:
    browser = a_browser(app, "ada@example.org", "admin")
    refused = browser.post("/api/keys", json=NEW_KEY)
    assert (refused.status_code, refused.json["code"]) == (400, "INVALID_REQUEST")
    assert refused.json["details"][0]["field"] == "csrf_token"
    wrong = browser.post("/api/keys", json=NEW_KEY, headers={"X-CSRFToken": "x"})
    assert wrong.status_code == 400
    assert browser.get("/api/keys").json["keys"] == []


def test_with_the_token_it_works(app: Flask) -> None:
    browser = a_browser(app, "ada@example.org", "admin")
    token = browser.get("/api/auth/me").json["csrfToken"]
    assert browser.post("/api/keys", json=NEW_KEY, headers={"X-CSRFToken": token}).status_code == 201


def test_the_token_of_another_browser_does_not(app: Flask) -> None:
    browser = a_browser(app, "ada@example.org", "admin")
    browser.get("/api/auth/me")
    other = a_browser(app, "eve@example.org")
    token = other.get("/api/auth/me").json["csrfToken"]
    assert browser.post("/api/keys", json=NEW_KEY, headers={"X-CSRFToken": token}).status_code == 400


def test_a_bearer_needs_none_even_beside_a_cookie(app: Flask, ada: FlaskClient) -> None:
    assert ada.post("/api/keys", json=NEW_KEY).status_code == 201
    browser = a_browser(app, "vera@example.org")
    bearer = {"Authorization": ada.environ_base["HTTP_AUTHORIZATION"]}
    assert browser.post("/api/keys", json=NEW_KEY, headers=bearer).status_code == 201


def test_forms_need_it(app: Flask) -> None:
    browser = a_browser(app, "ada@example.org", "admin")
    for address in ("/login", "/logout", "/settings/keys", "/settings/sessions/end"):
        answer = browser.post(address, data={"name": "Importer", "scopes": "capture"})
        assert answer.status_code == 400, address
        assert "out of date" in answer.text
    assert browser.get("/api/auth/me").status_code == 200
