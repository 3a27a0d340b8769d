"""Short addresses: where they lead, what is captured on the way."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from tests.conftest import MakeApp, add_user, signed_in
from tests.links.saving import PATH, save
from tests.tracking.bookkeeping import ledger
from tests.tracking.captures import BROWSER
from tests.tracking.test_capture import send, stored
from wihy.core.clock import now
from wihy.core.database import db, transaction
from wihy.links import targets
from wihy.links.models import SavedLink

TRACKING_URL = (
    "https://shop.example/autumn?lang=en&ref=lumen&utm_campaign=autumn&utm_source=wihy&utm_medium=referral"
)


def follow(client: FlaskClient, path: str, method: str = "GET", **headers: str) -> TestResponse:
    return client.open(path, method=method, headers={"User-Agent": BROWSER, **headers})


def event_id_in(location: str) -> str:
    [event_id] = parse_qs(urlsplit(location).query)["wihy_id"]
    return event_id


def test_it_captures_and_leads_to_the_tracking_link(
    app: Flask, lena: FlaskClient, stranger: FlaskClient
) -> None:
    save(lena, slug="trail", source="newsletter")
    answer = follow(stranger, "/l/trail")
    [event] = stored(app)
    tracking_url = TRACKING_URL.replace("utm_source=wihy", "utm_source=newsletter")
    assert (answer.status_code, answer.location) == (302, f"{tracking_url}&wihy_id={event.id}#top")
    assert event.id.version == 7
    assert (event.referrer, event.campaign, event.original_source) == ("lumen", "autumn", "newsletter")
    assert (event.landing_page, event.event_type) == ("https://shop.example/autumn?lang=en", "inbound")
    assert (event.link_slug, event.user_agent) == ("trail", BROWSER)
    assert (event.is_bot, event.new_visitor) == (False, True)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert lena.get(f"{PATH}/trail").json["clicks"] == 1


def test_without_source_and_campaign_it_counts_for_the_referrer(
    app: Flask, lena: FlaskClient, stranger: FlaskClient
) -> None:
    save(lena, slug="plain", campaign=None)
    answer = follow(stranger, "/l/plain")
    [event] = stored(app)
    assert (event.original_source, event.campaign) == ("lumen", "direct")
    assert "utm_campaign" not in answer.location


def test_every_click_is_one(app: Flask, lena: FlaskClient, stranger: FlaskClient) -> None:
    save(lena, slug="trail")
    ids = {event_id_in(follow(stranger, "/l/trail").location) for _ in range(3)}
    assert len(ids) == len(stored(app)) == 3
    assert sum(event.new_visitor for event in stored(app)) == 1


def test_the_script_sends_the_same_event_once_more(
    app: Flask, lena: FlaskClient, stranger: FlaskClient
) -> None:
    save(lena, slug="trail")
    event_id = event_id_in(follow(stranger, "/l/trail").location)
    assert send(stranger, referrer="lumen", eventId=event_id).json == {
        "success": True,
        "eventId": event_id,
        "duplicate": True,
    }
    [event] = stored(app)
    assert event.link_slug == "trail"


@pytest.mark.parametrize(
    "asked", ["?target=https://evil.example", "?ref=evil&wihy_id=x", "?url=//evil.example", "?next=/"]
)
def test_it_leads_nowhere_else(lena: FlaskClient, stranger: FlaskClient, asked: str) -> None:
    save(lena, slug="trail")
    location = follow(stranger, f"/l/trail{asked}").location
    assert location.replace(event_id_in(location), "ID") == f"{TRACKING_URL}&wihy_id=ID#top"


def test_an_id_in_a_copied_target_is_left_out(lena: FlaskClient, stranger: FlaskClient) -> None:
    save(lena, slug="trail", target="https://shop.example/?wihy_id=019a0000-0000-7000-8000-000000000000&a=1")
    location = follow(stranger, "/l/trail").location
    assert location.count("wihy_id") == 1
    assert "019a0000" not in location


def test_a_head_request_stores_nothing(app: Flask, lena: FlaskClient, stranger: FlaskClient) -> None:
    save(lena, slug="trail")
    answer = follow(stranger, "/l/trail", "HEAD")
    assert (answer.status_code, answer.location) == (302, f"{TRACKING_URL}#top")
    assert stored(app) == []


@pytest.mark.parametrize(
    "headers", [{"User-Agent": "Twitterbot/1.0"}, {"User-Agent": ""}, {"Sec-Purpose": "prefetch;prerender"}]
)
def test_bots_are_led_on_and_stored_as_such(
    app: Flask, lena: FlaskClient, stranger: FlaskClient, headers: dict[str, str]
) -> None:
    save(lena, slug="trail")
    assert follow(stranger, "/l/trail", **headers).status_code == 302
    [event] = stored(app)
    assert (event.is_bot, event.link_slug) == (True, "trail")
    assert lena.get(f"{PATH}/trail").json["clicks"] == 0


@pytest.mark.parametrize("slug", ["nothing", "a", "TRAIL", "a" * 65, "trail%00", "trail/"])
def test_unknown_ones_are_not_found(app: Flask, lena: FlaskClient, stranger: FlaskClient, slug: str) -> None:
    save(lena, slug="trail")
    answer = follow(stranger, f"/l/{slug}")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert stored(app) == []


def test_an_archived_one_has_ended_at_once_and_may_come_back(
    app: Flask, lena: FlaskClient, stranger: FlaskClient
) -> None:
    save(lena, slug="trail")
    follow(stranger, "/l/trail")
    lena.patch(f"{PATH}/trail", json={"archived": True})
    for method in ("GET", "HEAD"):
        answer = follow(stranger, "/l/trail", method)
        assert (answer.status_code, answer.location) == (410, None)
    assert "This link has ended" in follow(stranger, "/l/trail").text
    assert len(stored(app)) == 1
    lena.patch(f"{PATH}/trail", json={"archived": False})
    assert follow(stranger, "/l/trail").status_code == 302


def test_an_expired_one_has_ended_to_the_second(app: Flask, lena: FlaskClient, stranger: FlaskClient) -> None:
    save(lena, slug="trail")
    with app.app_context(), transaction():
        db.session.execute(update(SavedLink).values(expires_at=now() - timedelta(milliseconds=1)))
    assert follow(stranger, "/l/trail").status_code == 410
    assert stored(app) == []


def test_a_change_is_followed_at_once_here(lena: FlaskClient, stranger: FlaskClient) -> None:
    save(lena, slug="trail")
    follow(stranger, "/l/trail")
    lena.patch(f"{PATH}/trail", json={"target": "https://b.example/"})
    assert follow(stranger, "/l/trail").location.startswith("https://b.example/?ref=lumen")


def test_another_process_follows_within_a_minute(
    make_app: MakeApp, app: Flask, lena: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(lena, slug="trail")
    elsewhere = make_app().test_client()
    follow(elsewhere, "/l/trail")
    lena.patch(f"{PATH}/trail", json={"archived": True})
    assert follow(elsewhere, "/l/trail").status_code == 302
    monkeypatch.setattr(targets, "KEPT_SECONDS", 0.0)
    assert follow(elsewhere, "/l/trail").status_code == 410


def test_the_memory_of_targets_is_bounded(
    app: Flask, lena: FlaskClient, stranger: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(targets, "MOST", 2)
    for number in range(5):
        save(lena, slug=f"link-{number}")
        assert follow(stranger, f"/l/link-{number}").status_code == 302
    assert len(app.extensions["link_targets"].known) <= 2


def test_who_clicks_too_often_is_refused_and_booked(make_app: MakeApp) -> None:
    app = make_app(RATE_LIMIT_CAPTURE="2")
    add_user(app, "ada@example.org", "admin")
    save(signed_in(app, "ada@example.org"), slug="trail")
    stranger = app.test_client()
    answers = [follow(stranger, "/l/trail") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert answers[2].headers["Retry-After"]
    assert send(stranger).status_code == 429
    assert len(stored(app)) == 2
    book = ledger(stranger)
    assert (book.received, book.stored, book.rejected) == (4, 2, {"RATE_LIMITED": 2})


def test_ids_made_on_the_way_are_of_this_moment(lena: FlaskClient, stranger: FlaskClient) -> None:
    save(lena, slug="trail")
    event_id = UUID(event_id_in(follow(stranger, "/l/trail").location))
    assert abs((event_id.int >> 80) / 1000 - now().timestamp()) < 60
