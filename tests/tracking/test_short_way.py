"""The short way of plain captures: what goes it, and that nobody can tell it from the long one."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from flask import Flask, request_started
from sqlalchemy import text
from werkzeug.test import TestResponse

from tests.conftest import MakeApp
from tests.tracking.bookkeeping import ledger
from tests.tracking.captures import BROWSER
from tests.tracking.test_capture import stored
from wihy.core.database import db, transaction

PATH = "/api/tracking/capture"
EVENT = '{"referrer": "lumen", "landingPage": "/autumn"}'
JSON = "application/json"
LONG = {"Cookie": "any=1"}  # with a cookie nothing is plain


def send(app: Flask, body: str = EVENT, kind: str = JSON, **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    client = app.test_client(use_cookies=False)
    return client.post(PATH, data=body, content_type=kind, headers={"User-Agent": BROWSER, **named})


@contextmanager
def on_the_long_way(app: Flask) -> Iterator[list[object]]:
    """Yield a list that grows with each request the framework is given."""
    seen: list[object] = []

    def note(sender: Flask) -> None:
        seen.append(sender)

    with request_started.connected_to(note, app):
        yield seen


def told(answer: TestResponse) -> tuple[object, ...]:
    """Return all that an answer says, but for what names it."""
    fields = dict(answer.json or {})
    fields.pop("eventId", None)
    headers = sorted((name, value) for name, value in answer.headers if name != "X-Request-Id")
    return answer.status, fields, headers


@pytest.mark.parametrize(
    ("body", "kind", "headers"),
    [
        (EVENT, JSON, {}),
        (EVENT, "text/plain; charset=utf-8", {}),
        (EVENT, JSON, {"Origin": "https://www.wihy.ai"}),
        (EVENT, JSON, {"Origin": "http://localhost"}),
        (EVENT, JSON, {"Sec_Purpose": "prefetch"}),
        (EVENT, JSON, {"User_Agent": "Googlebot/2.1"}),
        ('{"referrer": "lumen", "eventType": "outbound", "destinationUrl": "https://x.com/a"}', JSON, {}),
    ],
)
def test_both_ways_answer_alike(app: Flask, body: str, kind: str, headers: dict[str, str]) -> None:
    with on_the_long_way(app) as seen:
        short = send(app, body, kind, **headers)
        assert seen == []
        long = send(app, body, kind, **headers, **LONG)
        assert len(seen) == 1
    assert told(short) == told(long)
    assert short.status_code == 201
    columns = ("referrer", "campaign", "landing_page", "event_type", "user_agent", "ip_address", "is_bot")
    one, other = ([getattr(event, name) for name in columns] for event in stored(app))
    assert one == other


def test_a_repeat_is_a_duplicate_on_both(app: Flask) -> None:
    body = f'{{"referrer": "lumen", "eventId": "{uuid4()}"}}'
    first, short, long = send(app, body), send(app, body), send(app, body, **LONG)
    assert (first.status_code, short.status_code) == (201, 200)
    assert told(short) == told(long)
    assert len(stored(app)) == 1


def test_the_request_keeps_the_id_that_its_caller_gave_it(app: Flask) -> None:
    assert send(app, X_Request_Id="from-the-caller").headers["X-Request-Id"] == "from-the-caller"
    assert len(send(app, X_Request_Id="not usable!").headers["X-Request-Id"]) == 32


@pytest.mark.parametrize(
    ("body", "kind", "headers", "status"),
    [
        ("{", JSON, {}, 400),
        ('{"referrer": "a b"}', JSON, {}, 400),
        (EVENT, "text/csv", {}, 415),
        (EVENT, JSON, {"Origin": "https://evil.example"}, 403),
        (EVENT, JSON, {"Host": "evil.example"}, 400),
        (EVENT, JSON, {"X_Api_Key": "wihy_unknown"}, 401),
        ('{"referrer": "' + "a" * 300_000 + '"}', JSON, {}, 413),
    ],
)
def test_what_is_not_plainly_good_is_refused_on_the_long_way(
    app: Flask, body: str, kind: str, headers: dict[str, str], status: int
) -> None:
    with on_the_long_way(app) as seen:
        answer = send(app, body, kind, **headers)
    assert (answer.status_code, len(seen)) == (status, 1)
    assert stored(app) == []


@pytest.mark.parametrize("length", [str(len(EVENT) + 1), "9" * 5000])
def test_a_length_that_is_wrong_is_refused_alike(app: Flask, length: str) -> None:
    wrong = {"environ_overrides": {"CONTENT_LENGTH": length}, "content_type": JSON}
    client = app.test_client(use_cookies=False)
    short, long = (client.post(PATH, data=EVENT, headers=headers, **wrong) for headers in ({}, LONG))
    assert told(short) == told(long)
    assert short.status_code in (400, 413)
    assert stored(app) == []


def test_both_ways_count_towards_one_limit(make_app: MakeApp, redis_url: str) -> None:
    app = make_app(RATE_LIMIT_CAPTURE="3", REDIS_URL=redis_url)
    answers = [send(app), send(app, **LONG), send(app), send(app), send(app, **LONG)]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 429, 429]
    assert {"Retry-After", "X-RateLimit-Limit"} <= set(answers[3].headers.keys())
    assert len(stored(app)) == 3


def test_without_redis_captures_are_counted_in_memory(make_app: MakeApp) -> None:
    app = make_app(RATE_LIMIT_CAPTURE="2", REDIS_URL="redis://127.0.0.1:9/0")
    assert [send(app).status_code for _ in range(3)] == [201, 201, 429]


def test_a_store_that_fails_is_told_as_ever_and_stands_in_the_books(app: Flask) -> None:
    send(app)  # so that its texts are known
    with app.app_context(), transaction():
        db.session.execute(text("ALTER TABLE tracking_events RENAME TO gone"))
    short, long = send(app), send(app, **LONG)
    assert short.status_code in (500, 503)
    assert {**short.json, "requestId": ""} == {**long.json, "requestId": ""}
    book = ledger(app.test_client())
    assert (book.received, book.stored, sum(book.failed.values()), book.balance) == (3, 1, 2, 0)


def test_each_is_logged_and_measured(make_app: MakeApp, capsys: pytest.CaptureFixture[str]) -> None:
    app = make_app(LOG_LEVEL="INFO")
    send(app, X_Request_Id="the-one")
    [line] = [line for line in capsys.readouterr().err.splitlines() if "the-one" in line]
    assert f"POST {PATH} 201 " in line
    metrics = app.test_client().get("/metrics").text
    assert 'wihy_response_seconds_count{endpoint="tracking.capture",status="2xx"}' in metrics
