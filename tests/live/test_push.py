"""Captures reach open pages: at once, merged, and only those who may know."""

import time

import pytest
from flask import Flask

from tests.conftest import MakeApp
from tests.live.conftest import capture, event
from tests.live.listener import listening
from tests.servers.web import running
from wihy.core.database import transaction
from wihy.core.facts import announce
from wihy.tracking.facts import EventsStored


def test_a_capture_reaches_staff_within_a_second(app: Flask, port: int, ada_token: str) -> None:
    captured = event()
    with listening(port, token=ada_token) as page:
        began = time.monotonic()
        capture(app, captured)
        name, payload = page.next(1)
        assert time.monotonic() - began < 1
    assert name == "tracking:captured"
    assert payload["count"] == 1
    assert payload["events"] == [
        {
            "id": str(captured.id),
            "timestamp": "2026-11-20T12:00:00.000Z",
            "referrer": "trailhead_weekly",
            "partnerName": None,
            "campaign": "autumn_launch",
            "landingPage": "/autumn",
            "destination": None,
            "originalSource": "lumen_podcast",
            "eventType": "inbound",
        }
    ]


def test_a_burst_is_merged_and_nothing_is_lost(app: Flask, port: int, ada_token: str) -> None:
    with listening(port, token=ada_token) as page:
        for _ in range(50):
            capture(app, event())
        messages = page.all(1.5)
    assert len(messages) <= 6
    assert sum(payload["count"] for _, payload in messages) == 50
    assert all(len(payload["events"]) <= 20 for _, payload in messages)


def test_the_newest_events_are_shown(app: Flask, port: int, ada_token: str) -> None:
    events = [event() for _ in range(40)]
    with listening(port, token=ada_token) as page:
        capture(app, *events)
        _, payload = page.next()
    assert payload["count"] == 40
    assert [shown["id"] for shown in payload["events"]] == [str(one.id) for one in reversed(events[20:])]


def test_bots_are_not_news(app: Flask, port: int, ada_token: str) -> None:
    with listening(port, token=ada_token) as page:
        capture(app, event(is_bot=True))
        capture(app, event(), event(is_bot=True))
        _, payload = page.next()
    assert payload["count"] == len(payload["events"]) == 1


def test_a_rolled_back_capture_is_no_news(app: Flask, port: int, ada_token: str) -> None:
    with listening(port, token=ada_token) as page:
        with pytest.raises(ZeroDivisionError):
            _capture_and_fail(app)
        assert page.all(0.5) == []


@pytest.mark.parametrize(
    ("kind", "credited"), [("inbound", "trailhead_weekly"), ("outbound", "lumen_podcast")]
)
def test_a_public_page_hears_only_that_it_changed(app: Flask, port: int, kind: str, credited: str) -> None:
    with listening(port, trackingId=credited) as page, listening(port, trackingId="kesho_runners") as other:
        capture(app, event(event_type=kind))
        assert page.all(0.7) == [("engagement:changed", None)]
        assert other.all(0.1) == []


def test_two_processes_are_joined_by_redis(make_app: MakeApp, redis_url: str, ada_token: str) -> None:
    here, there = make_app(REDIS_URL=redis_url), make_app(REDIS_URL=redis_url)
    with running(here) as port, listening(port, token=ada_token) as page:
        time.sleep(0.5)  # the subscription to Redis is made with the first socket
        capture(there, event())
        assert page.next(1)[0] == "tracking:captured"


def test_a_capture_survives_a_redis_that_is_away(make_app: MakeApp) -> None:
    app = make_app(REDIS_URL="redis://127.0.0.1:1/0")
    began = time.monotonic()
    capture(app, event())
    assert time.monotonic() - began < 0.5


def _capture_and_fail(app: Flask) -> None:
    with app.app_context(), transaction():
        announce(EventsStored([event()]))
        _ = 1 / 0
