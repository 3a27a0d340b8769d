"""A click is captured: what is stored, what is answered."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from wihy.core.database import db
from wihy.tracking.models import Combination, Event

BROWSER = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
)
PATH = "/api/tracking/capture"


def send(client: FlaskClient, /, **fields: Any) -> TestResponse:
    body = {"referrer": "partner_john", "userAgent": BROWSER, **fields}
    return client.post(PATH, json=body)


def stored(app: Flask) -> list[Event]:
    with app.app_context():
        return list(db.session.scalars(select(Event).order_by(Event.timestamp, Event.id)))


def test_the_whole_example_is_stored_as_sent(app: Flask, stranger: FlaskClient) -> None:
    answer = send(
        stranger,
        campaign="facebook_nov_2024",
        landingPage="/about?x=1#team",
        originalSource="facebook_ad_campaign",
        destinationUrl="https://kickstarter.com/projects/1",
        eventType="outbound",
        sessionId="session_123",
    )
    assert answer.status_code == 201
    assert answer.json.keys() == {"success", "eventId"}
    [event] = stored(app)
    assert str(event.id) == answer.json["eventId"]
    assert event.id.version == 7
    assert (event.referrer, event.campaign) == ("partner_john", "facebook_nov_2024")
    assert event.landing_page == "/about?x=1"
    assert event.original_source == "facebook_ad_campaign"
    assert event.destination_url == "https://kickstarter.com/projects/1"
    assert (event.event_type, event.session_id, event.user_agent) == (
        "outbound",
        "session_123",
        BROWSER,
    )
    assert abs(event.timestamp - datetime.now(UTC)) < timedelta(seconds=30)


def test_the_texts_of_figures_are_kept_beside(app: Flask, stranger: FlaskClient) -> None:
    send(
        stranger,
        landingPage="http://localhost/about?x=1",
        eventType="outbound",
        destinationUrl="https://x.com/a",
    )
    send(
        stranger,
        landingPage="/about",
        eventType="outbound",
        destinationUrl="https://twitter.com/b",
    )
    with app.app_context():
        combination = db.session.scalars(select(Combination)).one()
    assert (combination.landing_page, combination.destination) == ("/about", "X")
    assert combination.campaign == "outbound_click"


def test_what_is_left_out_has_its_default(app: Flask, stranger: FlaskClient) -> None:
    stranger.post(PATH, json={"referrer": "a", "campaign": None}, headers={"User-Agent": BROWSER})
    [event] = stored(app)
    assert (event.campaign, event.landing_page, event.original_source) == (
        "direct",
        "/",
        "a",
    )
    assert (event.event_type, event.destination_url, event.session_id) == (
        "inbound",
        None,
        None,
    )
    assert event.user_agent == BROWSER


def test_unknown_fields_are_ignored(app: Flask, stranger: FlaskClient) -> None:
    assert send(stranger, colour="blue", clientIp="192.0.2.1").status_code == 201
    assert len(stored(app)) == 1


def test_a_repeat_is_stored_once_and_the_first_stays(app: Flask, stranger: FlaskClient) -> None:
    event_id = str(uuid4())
    first = send(stranger, eventId=event_id, campaign="first")
    second = send(stranger, eventId=event_id.upper(), campaign="second")
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json == {"success": True, "eventId": event_id, "duplicate": True}
    assert [event.campaign for event in stored(app)] == ["first"]


@pytest.mark.parametrize(
    "event_id",
    [str(UUID(int=0)), str(UUID(int=2**128 - 1)), "7d57aedd22cc49b6aa1287ab97b0d94a"],
)
def test_any_uuid_is_an_event_id(stranger: FlaskClient, event_id: str) -> None:
    assert send(stranger, eventId=event_id).json["eventId"] == str(UUID(event_id))


def test_a_beacon_is_plain_text(app: Flask, stranger: FlaskClient) -> None:
    answer = stranger.post(
        PATH,
        data=b'{"referrer":"a"}',
        content_type="text/plain;charset=UTF-8",
        headers={"User-Agent": BROWSER},
    )
    assert answer.status_code == 201
    assert len(stored(app)) == 1


def test_an_event_queued_offline_keeps_its_time(app: Flask, stranger: FlaskClient) -> None:
    then = datetime.now(UTC).replace(microsecond=123_456) - timedelta(days=6)
    offset = then.astimezone().isoformat()
    assert send(stranger, timestamp=offset).status_code == 201
    assert stored(app)[0].timestamp == then.replace(microsecond=123_000)


@pytest.mark.parametrize("shift", [timedelta(days=-7, minutes=-1), timedelta(minutes=6)])
def test_other_times_are_refused(app: Flask, stranger: FlaskClient, shift: timedelta) -> None:
    answer = send(stranger, timestamp=(datetime.now(UTC) + shift).isoformat())
    assert answer.status_code == 400
    assert answer.json["details"] == [
        {"field": "timestamp", "message": "at most 7 days back and 5 minutes ahead"}
    ]
    assert stored(app) == []


def test_a_long_user_agent_is_cut(app: Flask, stranger: FlaskClient) -> None:
    send(stranger, userAgent=BROWSER + "x" * 2000)
    assert len(stored(app)[0].user_agent or "") == 1024


def test_the_address_is_stored_only_as_a_digest_of_the_day(app: Flask, stranger: FlaskClient) -> None:
    now = datetime.now(UTC)
    send(stranger)
    send(stranger)
    send(stranger, timestamp=(now - timedelta(days=1)).isoformat())
    yesterday, *today = [event.ip_address for event in stored(app)]
    assert len(set(today)) == 1
    assert len(today[0] or "") == 22
    assert yesterday not in today
