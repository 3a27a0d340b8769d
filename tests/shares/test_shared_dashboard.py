"""A shared dashboard: what it shows, how its token leaves the address bar, and that nothing lifts its filter."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.analytics.events import Sent, store
from tests.dashboard.reading import card, figures, links, page_of, rows, tiles, words
from tests.shares.sharing import opened, share, status_of
from wihy.core.clock import now
from wihy.core.database import transaction
from wihy.partners.service import add_partner

TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
SECRET = {"user_agent": "SecretAgent/7", "session_id": "secret-session"}
EVENTS = [
    Sent(TODAY, "lumen", campaign="autumn", page_in_figures="/in", link="trail", **SECRET),
    Sent(TODAY, "lumen", campaign="autumn", page_in_figures="/two", **SECRET),
    Sent(TODAY, "lumen", "outbound", "autumn", "/", "/out", "lumen", "https://k.example", "Kickstarter"),
    Sent(TODAY - timedelta(days=20), "pat", campaign="autumn", page_in_figures="/in"),
    Sent(TODAY, "lumen", "outbound", "other", "/", "/other", "contender", "https://r.example", "Rivals"),
    Sent(TODAY, "contender", campaign="covert", page_in_figures="/covert", original_source="covert_source"),
    Sent(TODAY, "contender", campaign="covert", page_in_figures="/covert", bot=True),
]
HIDDEN = ("contender", "covert", "Rivals", "covert_source")
AUTUMN = {"campaign": "autumn"}


@pytest.fixture
def token(app: Flask, ada: FlaskClient) -> str:
    """The token of a share of one campaign."""
    store(app, EVENTS)
    return str(share(ada, AUTUMN)["token"])


def test_the_token_is_exchanged_for_a_cookie_of_this_page(app: Flask, token: str) -> None:
    browser = app.test_client()
    answer = browser.get(f"/share/{token}", query_string={"period": "7d", "token": token})
    assert answer.status_code == 303
    path, query = urlsplit(answer.location).path, urlsplit(answer.location).query
    assert (re.fullmatch(r"/share/[0-9a-f-]{36}", path) is not None, query) == (True, "period=7d")
    cookie = browser.get_cookie("wihy_share", path=path)
    assert cookie
    assert (cookie.value, cookie.http_only, cookie.same_site, cookie.secure) == (token, True, "Lax", False)
    assert cookie.expires
    assert abs(cookie.expires - now() - timedelta(days=30)) < timedelta(minutes=1)
    page = browser.get(answer.location)
    assert token not in page.text
    for got in (answer, page, browser.get("/share/x")):
        assert got.headers["Cache-Control"] == "private, no-store"
        assert got.headers["Referrer-Policy"] == "no-referrer"
        assert got.headers["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in page.text


def test_it_shows_the_dashboard_under_its_filter(app: Flask, token: str) -> None:
    browser, path = opened(app, token)
    page = page_of(browser, path)
    assert figures(page) == {
        "Clicks": "3",
        "Conversions": "1",
        "Conversion rate": "33%",
        "Visitors": "0",
        "Events": "4",
    }
    assert "Campaign is <b" in page
    assert "Remove this filter" not in page
    assert len(rows(page[page.index('aria-label="Recent events"') :])) == 4
    assert "/in" in card(page, "Landing pages")
    for name in HIDDEN:
        assert name not in page


def test_days_and_comparison_may_be_chosen(app: Flask, token: str) -> None:
    browser, path = opened(app, token)
    assert figures(page_of(browser, path, period="7d"))["Clicks"] == "2"
    day = TODAY.date().isoformat()
    assert figures(page_of(browser, path, from_=day, to=day, compare="none"))["Clicks"] == "2"
    assert "from" in tiles(page_of(browser, path, compare="year"))["Clicks"][1]
    page = page_of(browser, path, period="all", metric="conversions")
    assert "Conversions by" in page
    assert [link for link in links(page) if "period=7d" in link and link.startswith(path)]


def test_the_locked_card_leads_nowhere_and_others_narrow(app: Flask, token: str) -> None:
    browser, path = opened(app, token)
    page = page_of(browser, path)
    assert links(card(page, "Campaigns")) == []
    assert f"{path}?landingPage=%2Fin" in links(card(page, "Landing pages"))
    assert 'name="campaign"' not in page
    narrowed = page_of(browser, path, landingPage="/in")
    assert figures(narrowed)["Clicks"] == "2"
    assert narrowed.count("Remove this filter") == 1


def test_nothing_leads_to_the_pages_of_the_staff(app: Flask, token: str) -> None:
    with app.app_context(), transaction():
        add_partner("lumen", "Lumen Podcast", None, None)
    browser, path = opened(app, token)
    for query in ({}, {"partner": "lumen"}, {"originalSource": "lumen", "compare": "none"}):
        page = page_of(browser, path, **query)
        assert "Lumen Podcast" in page
        pointers = re.findall(r'(?:href|action|src|hx-get)="([^"]*)"', page)
        elsewhere = [to for to in pointers if not to.startswith((path, "/static/", "#"))]
        assert elsewhere == []


def test_no_private_trace_of_an_event_is_shown(app: Flask, token: str) -> None:
    browser, path = opened(app, token)
    page = page_of(browser, path)
    for event in EVENTS:
        assert str(event.id) not in page
    for secret in ("SecretAgent", "secret-session", "kept-from-everyone", "data-event=", "5 minutes", "csv"):
        assert secret not in page


@pytest.mark.parametrize(
    "locked",
    [
        {"partner": "pat"},
        {"campaign": "autumn"},
        {"landingPage": "/in"},
        {"destination": "Kickstarter"},
        {"originalSource": "pat"},
        {"referrer": "pat"},
        {"eventType": "outbound", "campaign": "autumn"},
        {"link": "trail"},
    ],
)
def test_no_parameter_lifts_the_filter(app: Flask, ada: FlaskClient, locked: dict[str, str]) -> None:
    store(app, EVENTS)
    browser, path = opened(app, share(ada, locked)["token"])
    before = figures(page_of(browser, path, period="all"))
    others = {
        "partner": "contender",
        "referrer": "contender",
        "campaign": "covert",
        "landingPage": "/covert",
        "originalSource": "covert_source",
        "destination": "Rivals",
        "link": "none",
        "eventType": "inbound",
    }
    for name, value in others.items():
        for given in (value, ""):
            page = page_of(browser, path, period="all", **{name: given})
            shown = figures(page)
            if name in locked or not given:
                assert shown == before, name
            assert int(shown["Events"]) <= int(before["Events"]), name
            if name in locked or name != "destination":
                assert "Rivals" not in words(page), name
    tries = {
        "_locked": "",
        "locked": "",
        "filters": "{}",
        "within": "",
        "q": "covert",
        "part": "figures",
        "sort": "events",
        "offset": "0",
        "format": "csv",
        "bots": "1",
        "metric": "events",
        "step": "week",
        "tz": "Pacific/Kiritimati",
        "compare": "none",
    }
    for name, value in tries.items():
        page = page_of(browser, path, period="all", **{name: value})
        assert int(figures(page)["Events"]) == int(before["Events"]), name
        assert "Rivals" not in page, name


@pytest.mark.parametrize("name", ["partner", "originalSource", "referrer"])
def test_trying_ids_tells_no_names(app: Flask, token: str, name: str) -> None:
    with app.app_context(), transaction():
        add_partner("lumen", "Lumen Books", None, None)
        add_partner("contender", "The Contender", None, None)
    browser, path = opened(app, token)
    assert "The Contender" not in page_of(browser, path, **{name: "contender"})
    assert "Lumen Books" in page_of(browser, path, **{name: "lumen"})


@pytest.mark.parametrize("staff_first", [True, False])
def test_staff_and_shares_keep_their_cached_answers_apart(
    app: Flask, ada: FlaskClient, staff_first: bool
) -> None:
    store(app, EVENTS)
    browser, path = opened(app, share(ada, {"partner": "pat"})["token"])
    day = {"from_": (TODAY - timedelta(days=30)).date().isoformat(), "to": TODAY.date().isoformat()}

    def of_staff() -> str:
        return card(page_of(ada, "/tracking-dashboard", partner="pat", **day), "Partners and sources")

    def of_share() -> str:
        return card(page_of(browser, path, **day), "Partners and sources")

    of_staff() if staff_first else of_share()
    assert "lumen" in of_staff()
    assert "lumen" not in of_share()
    assert "contender" not in of_share()


def test_staff_look_without_a_cookie_and_are_not_counted(app: Flask, ada: FlaskClient, token: str) -> None:
    answer = ada.get(f"/share/{token}")
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (303, False)
    page = page_of(ada, answer.location)
    assert "You see it as others do" in page
    share_id = answer.location.rpartition("/")[2]
    assert status_of(app, share_id)["lastSeenAt"] is None
    browser, path = opened(app, token)
    assert status_of(app, share_id)["lastSeenAt"] is None
    page_of(browser, path)
    seen_at = status_of(app, share_id)["lastSeenAt"]
    assert seen_at
    page_of(browser, path)
    assert status_of(app, share_id)["lastSeenAt"] == seen_at


def test_an_empty_house_shows_an_empty_dashboard(app: Flask, ada: FlaskClient) -> None:
    browser, path = opened(app, share(ada)["token"])
    for period in ("28d", "all"):
        page = page_of(browser, path, period=period)
        assert figures(page)["Clicks"] == "0"
        assert "No events" in page


@pytest.mark.parametrize("query", ["period=bogus", "eventType=zzz", "from=2026-11-20&to=2026-11-01"])
def test_a_wrong_address_is_told(app: Flask, token: str, query: str) -> None:
    browser, path = opened(app, token)
    assert browser.get(f"{path}?{query}").status_code == 400
