"""The traffic page: its figures, filters, periods, comparison, and the parts that a live refresh takes."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.analytics.events import Sent, store
from tests.dashboard.conftest import NOW
from tests.dashboard.reading import card, figures, links, page_of, rows, tiles, words
from wihy.core.database import transaction
from wihy.core.ids import new_id
from wihy.partners.service import add_partner
from wihy.tracking.bots import is_bot

PATH = "/tracking-dashboard"
HOUR = timedelta(hours=1)
DAY = 24 * HOUR
CLICK = Sent(NOW - HOUR, new_visitor=True)
CONVERSION = Sent(
    NOW - HOUR,
    event_type="outbound",
    destination_url="https://www.kickstarter.com/p",
    destination="Kickstarter",
)
BOT = Sent(NOW - HOUR, bot=True)


def at(moment: datetime, sent: Sent = CLICK, **fields: str) -> Sent:
    return replace(sent, timestamp=moment, id=new_id(), **fields)  # type: ignore[arg-type]


def test_before_the_first_event_the_page_says_what_to_do(vera: FlaskClient) -> None:
    page = page_of(vera, PATH)
    assert "Waiting for the first click" in page
    assert '<script src="<b>http://localhost</b>/static/wihy.js"' in page
    assert "http://localhost/api/tracking/capture" in page
    user_agent = re.search(r'"userAgent": "(.*?)"', page)
    assert user_agent
    assert not is_bot(user_agent[1])


def test_it_shows_tiles_chart_cards_and_recent_events(app: Flask, vera: FlaskClient) -> None:
    store(app, [CLICK, at(NOW - 2 * HOUR), CONVERSION, BOT])
    page = page_of(vera, PATH)
    assert figures(page) == {
        "Clicks": "2",
        "Conversions": "1",
        "Conversion rate": "50%",
        "Visitors": "2",
        "Events": "3",
    }
    assert "known bots left out (1)" in page
    assert "partner_john 2 clicks, 100.0%" in words(card(page, "Partners and sources"))
    assert "Kickstarter 1 conversion, 100.0%" in words(card(page, "Destinations"))
    assert len(rows(card(page, "Recent events"))) == 3
    assert "Wed 18 December" in page


@pytest.mark.parametrize(
    ("query", "clicks"),
    [
        ({"campaign": "autumn"}, "1"),
        ({"partner": "lumen"}, "1"),
        ({"landingPage": "/about"}, "2"),
        ({"eventType": "outbound"}, "0"),
        ({"campaign": "nothing"}, "0"),
        ({"campaign": "autumn", "partner": "partner_john"}, "0"),
    ],
)
def test_filters(app: Flask, vera: FlaskClient, query: dict[str, str], clicks: str) -> None:
    store(app, [CLICK, at(CLICK.timestamp, referrer="lumen", campaign="autumn"), CONVERSION])
    page = page_of(vera, PATH, **query)
    assert figures(page)["Clicks"] == clicks
    assert all(f'is <b dir="auto">{value}' in page for name, value in query.items() if name != "eventType")


def test_a_filter_can_be_taken_off_alone(app: Flask, vera: FlaskClient) -> None:
    store(app, [CLICK])
    page = page_of(vera, PATH, campaign="facebook_nov", partner="partner_john", period="7d")
    assert f"{PATH}?partner=partner_john&period=7d" in links(page)
    assert f"{PATH}?campaign=facebook_nov&period=7d" in links(page)
    assert f"{PATH}?period=7d" in links(page)


def test_a_partners_filter_names_the_partner_and_leads_to_its_details(app: Flask, vera: FlaskClient) -> None:
    store(app, [CLICK])
    with app.app_context(), transaction():
        add_partner("partner_john", "John Smith", None, None)
    page = page_of(vera, PATH, partner="partner_john", period="7d")
    assert '<b dir="auto">John Smith</b> <span class="mono">partner_john</span>' in page
    assert "/tracking-dashboard/referrers/partner_john?period=7d" in links(page)
    assert "Details of John Smith" in words(page)
    assert "Details of" not in words(page_of(vera, PATH, partner="what is this"))


@pytest.mark.parametrize(
    ("period", "clicks"),
    [
        ("today", 1),
        ("24h", 2),
        ("7d", 3),
        ("28d", 5),
        ("month", 4),
        ("last_month", 2),
        ("12mo", 7),
        ("all", 8),
    ],
)
def test_periods_by_name(app: Flask, vera: FlaskClient, period: str, clicks: int) -> None:
    ages = (HOUR, 14 * HOUR, 6 * DAY, 17 * DAY, 19 * DAY, 40 * DAY, 300 * DAY, 500 * DAY)
    store(app, [at(NOW - age) for age in ages])
    assert figures(page_of(vera, PATH, period=period))["Clicks"] == str(clicks)


def test_chosen_days_are_those_of_the_viewer(app: Flask, vera: FlaskClient) -> None:
    store(app, [at(datetime(2024, 12, 9, 22, tzinfo=UTC))])
    days = {"from_": "2024-12-10", "to": "2024-12-10"}
    assert figures(page_of(vera, PATH, **days))["Clicks"] == "0"
    assert figures(page_of(vera, PATH, **days, tz="Africa/Nairobi"))["Clicks"] == "1"
    vera.set_cookie("wihy_tz", "Africa/Nairobi")
    assert figures(page_of(vera, PATH, **days))["Clicks"] == "1"


def test_a_whole_period_is_compared_with_a_whole_one(app: Flask, vera: FlaskClient) -> None:
    store(app, [CLICK, *(at(datetime(2024, 12, 9, hour, tzinfo=UTC)) for hour in (1, 23))])
    days = {"from_": "2024-12-10", "to": "2024-12-10"}
    assert tiles(page_of(vera, PATH, **days))["Clicks"] == ("0", "100.0% from 2")
    assert tiles(page_of(vera, PATH, **days, compare="none"))["Clicks"] == ("0", "")


def test_a_running_period_is_compared_up_to_the_same_moment(app: Flask, vera: FlaskClient) -> None:
    yesterday = [at(NOW - DAY - HOUR), at(NOW - DAY + HOUR), at(NOW - DAY)]
    store(app, [CLICK, *yesterday])
    page = page_of(vera, PATH, period="today")
    assert tiles(page)["Clicks"] == ("1", "no change from 1")
    week = page_of(vera, PATH, period="7d", compare="year")
    assert tiles(week)["Clicks"] == ("4", "new from 0")
    stats = {"from": "2024-12-18", "to": "2024-12-18", "compare": "previous"}
    answer = vera.get("/api/tracking/stats", query_string=stats).get_json()
    assert answer["previous"]["clicks"] == 3


def test_what_runs_shows_no_change_in_the_chart(app: Flask, vera: FlaskClient) -> None:
    store(app, [CLICK, at(NOW - 7 * DAY - HOUR), at(NOW - 7 * DAY + HOUR), at(NOW - 8 * DAY)])
    latest, before = rows(page_of(vera, PATH, period="7d"))[:2]
    assert latest.endswith("so far 1 1")
    assert before.endswith("0 1 100.0%")


def test_a_rate_of_no_clicks_is_no_zero_to_rise_from(app: Flask, vera: FlaskClient) -> None:
    store(app, [CLICK, CONVERSION])
    assert tiles(page_of(vera, PATH, period="7d"))["Conversion rate"] == ("100%", "from –")
    assert tiles(page_of(vera, PATH, period="7d"))["Clicks"] == ("1", "new from 0")
    assert tiles(page_of(vera, PATH, period="all"))["Conversion rate"] == ("100%", "")


@pytest.mark.parametrize("metric", ["clicks", "conversions", "rate", "visitors", "events"])
def test_each_tile_can_be_the_charts(app: Flask, vera: FlaskClient, metric: str) -> None:
    store(app, [CLICK, CONVERSION])
    page = page_of(vera, PATH, metric=metric)
    current = [link for link in page.split("<a ") if "tile" in link[:40] and "aria-current" in link[:400]]
    assert [f"metric={metric}" in link for link in current] == [True]


def test_the_parts_of_a_live_refresh(app: Flask, vera: FlaskClient) -> None:
    store(app, [CLICK])
    numbers = page_of(vera, PATH, part="figures", campaign="facebook_nov")
    assert figures(numbers)["Clicks"] == "1"
    assert "<html" not in numbers
    assert 'data-event="' not in numbers
    recent = page_of(vera, PATH, part="recent")
    assert recent.count('data-event="') == 1
    assert "<html" not in recent
    assert "in the last 5 minutes" in recent
    assert not [link for link in links(numbers + recent) if "part=" in link]


def test_csv_is_of_what_is_shown(app: Flask, vera: FlaskClient) -> None:
    store(app, [CLICK, at(NOW - 60 * DAY)])
    page = page_of(vera, PATH, campaign="facebook_nov", period="7d")
    csv = next(link for link in links(page) if link.startswith("/api/"))
    assert vera.get(csv).text.count("facebook_nov") == 1
