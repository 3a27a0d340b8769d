"""Browsers: clients that keep the cookie, as pages use it."""

import re

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import PASSWORD, add_user


def a_browser(app: Flask, email: str, role: str = "viewer") -> FlaskClient:
    """Return a browser in which a new user has signed in."""
    add_user(app, email, role)
    return signed_in_again(app, email)


def signed_in_again(app: Flask, email: str, password: str = PASSWORD) -> FlaskClient:
    """Return another browser in which `email` has signed in."""
    browser = app.test_client()
    assert browser.post("/api/auth/login", json={"email": email, "password": password}).status_code == 200
    return browser


def csrf_token(browser: FlaskClient) -> str:
    """Return the CSRF token that the pages of `browser` carry."""
    for address in ("/settings", "/me", "/login"):
        page = browser.get(address)
        if page.status_code == 200:
            break
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def send_form(browser: FlaskClient, address: str, **fields: str | list[str]) -> TestResponse:
    """Send a form of a page, as `browser` would."""
    return browser.post(address, data={"csrf_token": csrf_token(browser), **fields})


def is_signed_in(client: FlaskClient) -> bool:
    """Whether `client` is known."""
    status = client.get("/api/auth/me").status_code
    assert status in (200, 401)
    return status == 200
