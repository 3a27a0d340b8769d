"""Visitors are counted once a UTC day, where they came first."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.tracking.test_capture import BROWSER, PATH, send, stored
from wihy.core.database import db
from wihy.tracking.models import DailyVisitor, Event, VisitorDayKey


def count_new(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Event).where(Event.new_visitor)) or 0


def test_the_first_event_of_a_visitor_is_marked(app: Flask, stranger: FlaskClient) -> None:
    send(stranger)
    send(stranger, campaign="other")
    assert [event.new_visitor for event in stored(app)] == [True, False]


def test_another_browser_or_address_or_day_is_another_visitor(app: Flask, stranger: FlaskClient) -> None:
    send(stranger)
    send(stranger, userAgent=BROWSER.replace("130", "129"))
    stranger.post(
        PATH,
        json={"referrer": "a", "userAgent": BROWSER},
        environ_base={"REMOTE_ADDR": "203.0.113.9"},
    )
    send(stranger, timestamp=(datetime.now(UTC) - timedelta(days=1)).isoformat())
    assert count_new(app) == 4


def test_a_duplicate_brings_no_visitor(app: Flask, stranger: FlaskClient) -> None:
    event_id = str(uuid4())
    send(stranger, eventId=event_id)
    send(stranger, eventId=event_id, userAgent=BROWSER + " Edg/130.0")
    assert count_new(app) == 1
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(DailyVisitor)) == 1


def test_a_bot_is_no_visitor(app: Flask, stranger: FlaskClient) -> None:
    send(stranger, userAgent="Googlebot/2.1 (+http://www.google.com/bot.html)")
    assert count_new(app) == 0


def test_hashes_cannot_be_made_again_without_the_key_of_the_day(app: Flask, stranger: FlaskClient) -> None:
    send(stranger)
    with app.app_context():
        [key] = db.session.scalars(select(VisitorDayKey.key))
        [digest] = db.session.scalars(select(DailyVisitor.hash))
    assert (len(key), len(digest)) == (32, 16)


def test_of_many_at_once_one_is_new_and_each_is_stored_once(app: Flask) -> None:
    """Two processes' worth of threads send the same twenty events, three times each."""
    ids = [str(uuid4()) for _ in range(20)] * 3

    def capture(event_id: str) -> int:
        return send(app.test_client(), eventId=event_id, landingPage=f"/{event_id[0]}").status_code

    with ThreadPoolExecutor(12) as pool:
        codes = list(pool.map(capture, ids))
    assert sorted(codes) == [200] * 40 + [201] * 20
    assert len(stored(app)) == 20
    assert count_new(app) == 1
