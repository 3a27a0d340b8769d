"""Shares for tests: made as an admin makes them, opened as somebody does who was sent the link."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import signed_in

API = "/api/tracking/shares"
CAMPAIGN = {"campaign": "autumn_launch"}


def share(ada: FlaskClient, filters: dict[str, str] = CAMPAIGN, **fields: object) -> dict[str, Any]:
    """Share the dashboard; returns the answer."""
    answer = ada.post(API, json={"name": "For the agency", "filters": filters, **fields})
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


def opened(app: Flask, token: str) -> tuple[FlaskClient, str]:
    """Return a browser that followed the link with `token`, and the path it was led to."""
    browser = app.test_client()
    answer = browser.get(f"/share/{token}")
    assert answer.status_code == 303, answer.text
    return browser, answer.location


def status_of(app: Flask, share_id: str) -> dict[str, Any]:
    """Return the share as ada's list tells it."""
    shares = signed_in(app, "ada@example.org").get(API).json["shares"]
    return next(one for one in shares if one["id"] == share_id)
