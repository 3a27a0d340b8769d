"""`GET /?ref=<id>`: a partner's own link, where WIHY itself is the marketed site."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import MakeApp
from tests.links.test_redirect import event_id_in, follow
from tests.tracking.bookkeeping import ledger
from tests.tracking.test_capture import stored
from wihy.core.ids import new_id


@pytest.fixture
def marketed(make_app: MakeApp) -> Flask:
    """An installation whose links lead to another site."""
    return make_app(DEFAULT_DESTINATION="https://marketed.example/start?lang=en")


def test_it_captures_and_leads_to_the_default_destination(marketed: Flask) -> None:
    answer = follow(marketed.test_client(), "/?ref=partner_john&campaign=hello")
    [event] = stored(marketed)
    assert (event.referrer, event.campaign, event.original_source) == (
        "partner_john",
        "hello",
        "partner_john",
    )
    assert (event.landing_page, event.link_slug) == ("https://marketed.example/start?lang=en", None)
    assert answer.status_code == 302
    assert answer.location == (
        "https://marketed.example/start?lang=en&ref=partner_john&utm_campaign=hello&utm_source=wihy"
        f"&utm_medium=referral&wihy_id={event.id}"
    )
    assert answer.headers["Cache-Control"] == "no-store"


def test_where_that_is_wihy_itself_it_leads_to_the_sign_in(app: Flask, stranger: FlaskClient) -> None:
    assert follow(stranger, "/?ref=partner_john").location == "/login"
    [event] = stored(app)
    assert (event.referrer, event.campaign) == ("partner_john", "direct")


@pytest.mark.parametrize(
    ("asked", "campaign", "source"),
    [
        ("&utm_campaign=b", "b", "partner_john"),
        ("&campaign=a&utm_campaign=b", "a", "partner_john"),
        ("&utm_source=newsletter", "direct", "newsletter"),
        ("&utm_source=wihy", "direct", "partner_john"),
    ],
)
def test_it_reads_what_links_carry(
    app: Flask, stranger: FlaskClient, asked: str, campaign: str, source: str
) -> None:
    follow(stranger, f"/?ref=partner_john{asked}")
    [event] = stored(app)
    assert (event.campaign, event.original_source) == (campaign, source)


def test_a_saved_link_to_wihy_itself_counts_once(app: Flask, stranger: FlaskClient) -> None:
    event_id = str(new_id())
    for _ in range(2):
        follow(stranger, f"/?ref=lumen&wihy_id={event_id}")
    [event] = stored(app)
    assert str(event.id) == event_id


def moved(hours: int) -> str:
    """Return a UUIDv7 of a time so many hours from now."""
    return str(UUID(int=new_id().int + (hours * 3_600_000 << 80)))


NOT_THIS_CLICK: dict[str, Callable[[], str]] = {
    "of another version": lambda: str(uuid4()),
    "older": lambda: moved(-2),
    "of the future": lambda: moved(2),
    "of no time": lambda: "ffffffff-ffff-7fff-8fff-ffffffffffff",
    "no id": lambda: "no id",
}


@pytest.mark.parametrize("what", NOT_THIS_CLICK)
def test_an_id_that_cannot_be_this_click_counts_anew(marketed: Flask, what: str) -> None:
    client, event_id = marketed.test_client(), NOT_THIS_CLICK[what]()
    ids = {event_id_in(follow(client, f"/?ref=lumen&wihy_id={event_id}").location) for _ in range(2)}
    assert len(ids) == len(stored(marketed)) == 2
    assert event_id not in ids


@pytest.mark.parametrize("ref", ["not an id", "a" * 256, "%00", "https://evil.example"])
def test_what_is_no_id_leads_on_and_is_booked_as_rejected(marketed: Flask, ref: str) -> None:
    client = marketed.test_client()
    answer = follow(client, f"/?ref={ref}&target=https://evil.example")
    assert (answer.status_code, answer.location) == (302, "https://marketed.example/start?lang=en")
    assert stored(marketed) == []
    assert ledger(client).rejected == {"INVALID_REQUEST": 1}


def test_a_head_request_stores_nothing(marketed: Flask) -> None:
    answer = follow(marketed.test_client(), "/?ref=lumen", "HEAD")
    assert answer.location.startswith("https://marketed.example/start?lang=en&ref=lumen")
    assert "wihy_id" not in answer.location
    assert stored(marketed) == []


def test_an_empty_one_is_the_way_in(app: Flask, stranger: FlaskClient) -> None:
    assert follow(stranger, "/?ref=").location == "/login"
    assert stored(app) == []
