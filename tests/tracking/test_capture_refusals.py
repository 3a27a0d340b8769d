"""What cannot be used is refused with every problem named, and nothing is stored."""

import json
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.tracking.test_capture import BROWSER, PATH, send, stored
from wihy.core.database import db
from wihy.tracking import refusals
from wihy.tracking.models import CaptureRefusal

LONG = "x" * 256


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"referrer": ""}, "referrer"),
        ({"referrer": "a b"}, "referrer"),
        ({"referrer": "é"}, "referrer"),
        ({"referrer": "a\n"}, "referrer"),
        ({"referrer": LONG}, "referrer"),
        ({"referrer": 5}, "referrer"),
        ({"referrer": ["a"]}, "referrer"),
        ({"campaign": ""}, "campaign"),
        ({"campaign": LONG}, "campaign"),
        ({"campaign": "a\0b"}, "campaign"),
        ({"campaign": "a\tb"}, "campaign"),
        ({"campaign": "\u202egnp"}, "campaign"),
        ({"campaign": {}}, "campaign"),
        ({"landingPage": "about"}, "landingPage"),
        ({"landingPage": ""}, "landingPage"),
        ({"landingPage": "javascript:alert(1)"}, "landingPage"),
        ({"landingPage": "/" + "x" * 2048}, "landingPage"),
        ({"landingPage": "/a\0"}, "landingPage"),
        ({"originalSource": LONG}, "originalSource"),
        ({"destinationUrl": "ftp://example.org"}, "destinationUrl"),
        ({"destinationUrl": "https://"}, "destinationUrl"),
        ({"destinationUrl": "https://[::1"}, "destinationUrl"),
        ({"destinationUrl": "https://example.org:99999/"}, "destinationUrl"),
        ({"destinationUrl": "https://" + "a" * 300 + ".org"}, "destinationUrl"),
        ({"destinationUrl": "https://example.org/" + "x" * 2048}, "destinationUrl"),
        ({"eventType": "sideways"}, "eventType"),
        ({"eventType": True}, "eventType"),
        ({"userAgent": "a\0"}, "userAgent"),
        ({"sessionId": LONG}, "sessionId"),
        ({"sessionId": 123}, "sessionId"),
        ({"eventId": "one"}, "eventId"),
        ({"eventId": 10**400}, "eventId"),
        ({"timestamp": 1700000000}, "timestamp"),
        ({"timestamp": "yesterday"}, "timestamp"),
        ({"timestamp": "2026-11-20T10:00:00"}, "timestamp"),
        ({"timestamp": "9999-12-31T23:59:59-23:59"}, "timestamp"),
    ],
)
def test_a_bad_field_is_named(app: Flask, stranger: FlaskClient, fields: dict[str, Any], field: str) -> None:
    answer = send(stranger, **fields)
    assert answer.status_code == 400
    assert answer.json["code"] == "INVALID_REQUEST"
    assert answer.json["success"] is False
    assert answer.json["status"] == "error"
    assert field in [detail["field"] for detail in answer.json["details"]]
    assert stored(app) == []


def test_all_problems_are_named_at_once(stranger: FlaskClient) -> None:
    answer = send(stranger, referrer="a b", campaign="", eventType="up")
    assert {detail["field"] for detail in answer.json["details"]} == {
        "referrer",
        "campaign",
        "eventType",
    }


def test_an_outbound_click_must_lead_somewhere(app: Flask, stranger: FlaskClient) -> None:
    answer = send(stranger, eventType="outbound")
    assert answer.status_code == 400
    assert answer.json["details"][0]["field"] == "destinationUrl"
    assert stored(app) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b"5",
        b'{"referrer": NaN}',
        b'{"referrer": "\xff"}',
        b'{"referrer": "a", "campaign": "\\ud800"}',
        b'{"a":' * 5000,
        b'{"referrer": "a", "campaign": "' + b"\\u0000" + b'"}',
    ],
)
@pytest.mark.parametrize("path", [PATH, PATH + "/batch"])
def test_a_body_that_is_no_object_is_refused(
    app: Flask, stranger: FlaskClient, path: str, body: bytes
) -> None:
    answer = stranger.post(
        path,
        data=body,
        content_type="application/json",
        headers={"User-Agent": BROWSER},
    )
    assert answer.status_code == 400
    assert answer.json["code"] == "INVALID_REQUEST"
    assert answer.json["details"]
    assert stored(app) == []


@pytest.mark.parametrize(
    "kind",
    ["application/x-www-form-urlencoded", "text/html", "multipart/form-data", ""],
)
def test_another_kind_of_body_is_refused(app: Flask, stranger: FlaskClient, kind: str) -> None:
    answer = stranger.post(PATH, data=b'{"referrer":"a"}', content_type=kind)
    assert (answer.status_code, answer.json["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert stored(app) == []


@pytest.mark.parametrize(("path", "limit"), [(PATH, 256), (PATH + "/batch", 2048)])
def test_a_body_that_is_too_large_is_refused(
    app: Flask, stranger: FlaskClient, path: str, limit: int
) -> None:
    body = json.dumps({"referrer": "a", "pad": "x" * (limit * 1024)})
    answer = stranger.post(path, data=body, content_type="application/json")
    assert (answer.status_code, answer.json["code"]) == (413, "PAYLOAD_TOO_LARGE")
    assert stored(app) == []


def test_a_body_without_a_length_is_not_cut(app: Flask, stranger: FlaskClient) -> None:
    """Up to the limit it would be a good event."""
    body = json.dumps({"referrer": "a"}).ljust(256 * 1024).encode()
    assert post_in_chunks(stranger, body).status_code == 201
    answer = post_in_chunks(stranger, body + b"x")
    assert (answer.status_code, answer.json["code"]) == (413, "PAYLOAD_TOO_LARGE")
    assert len(stored(app)) == 1


def post_in_chunks(client: FlaskClient, body: bytes) -> TestResponse:
    return client.post(
        PATH,
        input_stream=BytesIO(body),
        content_type="application/json",
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )


def test_another_method_is_refused(stranger: FlaskClient) -> None:
    answer = stranger.get(PATH)
    assert (answer.status_code, answer.json["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert "POST" in answer.headers["Allow"]


def test_a_refusal_is_remembered_without_address_or_user_agent(app: Flask, stranger: FlaskClient) -> None:
    send(stranger, campaign="", sessionId="s" * 300, eventId="odd\0")
    with app.app_context():
        row = db.session.scalars(select(CaptureRefusal)).one()
    assert row.reason.startswith("INVALID_REQUEST; campaign: ")
    assert (row.referrer, row.session_id, row.event_id) == (
        "partner_john",
        "s" * 255,
        "odd",
    )
    columns = set(CaptureRefusal.__table__.columns.keys())
    assert columns == {
        "id",
        "at",
        "reason",
        "event_id",
        "session_id",
        "referrer",
        "campaign",
    }


def test_only_so_many_refusals_are_remembered_a_day(
    app: Flask, stranger: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusals, "MOST_PER_DAY", 3)
    for _ in range(5):
        assert send(stranger, campaign="").status_code == 400
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(CaptureRefusal)) == 3
