"""The page of a partner's numbers: who sees which part of it, and how the token leaves the address bar."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.analytics.events import Sent, store
from tests.conftest import MakeApp, add_user, signed_in
from wihy.core.clock import now
from wihy.core.database import transaction
from wihy.core.qr import qr_picture
from wihy.partners.queries import find_partner
from wihy.partners.service import add_partner

PAGE = "/engagement/partner_john"
NOON = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
EVENTS = [
    Sent(NOON, campaign="autumn_launch", page_in_figures="/autumn"),
    Sent(NOON - timedelta(days=40), campaign="spring_sale"),
    Sent(NOON, "partner_sarah", "outbound", "sold", "/", "/", "partner_john", None, "Kickstarter"),
    Sent(NOON, "partner_john", "outbound", "not_mine", "/", "/", "partner_sarah", None, "Kickstarter"),
    Sent(NOON, bot=True),
]
PRIVATE = ("Your link", "Top campaigns", "Where people go", "Recent activity", "autumn_launch", "Kickstarter")


@pytest.fixture
def token(app: Flask) -> str:
    store(app, EVENTS)
    return new_partner(app)


def new_partner(app: Flask, expires_in: timedelta | None = timedelta(days=9)) -> str:
    with app.app_context(), transaction():
        return add_partner("partner_john", "John Smith", None, now() + expires_in if expires_in else None)[1]


def opened(client: FlaskClient, token: str, **query: str) -> TestResponse:
    """Return the page as `client` sees it after following its link."""
    answer = client.get(PAGE, query_string={"token": token, **query}, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return answer


def figures(page: str) -> list[str]:
    return re.findall(r'class="figure"[^>]*>([^<]*)<', page)


def test_strangers_see_the_public_part(token: str, stranger: FlaskClient) -> None:
    page = stranger.get(PAGE).text
    assert figures(page) == ["1", "1", "100%"]
    assert "This is the public part" in page
    assert "known bots left out (1)" in page
    for word in PRIVATE:
        assert word not in page


def test_a_token_is_exchanged_for_a_cookie_of_this_page(token: str, stranger: FlaskClient) -> None:
    answer = stranger.get(PAGE, query_string={"period": "90d", "token": token})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{PAGE}?period=90d")
    assert (answer.headers["Cache-Control"], answer.headers["Referrer-Policy"]) == (
        "private, no-store",
        "no-referrer",
    )
    cookie = stranger.get_cookie("wihy_partner", path=PAGE)
    assert cookie
    assert (cookie.value, cookie.http_only, cookie.same_site, cookie.secure) == (token, True, "Lax", False)
    assert cookie.expires
    assert abs(cookie.expires - now() - timedelta(days=9)) < timedelta(minutes=1)
    assert stranger.get("/engagement/partner_john2").status_code == 404
    page = stranger.get(PAGE)
    assert token not in page.text
    for word in PRIVATE:
        assert word in page.text


def test_the_cookie_is_secure_in_production_and_ends_with_the_browsers_patience(make_app: MakeApp) -> None:
    app = make_app(WIHY_ENV="production", PUBLIC_URL="https://localhost")
    client, token = app.test_client(), new_partner(app, expires_in=None)
    client.get(PAGE, query_string={"token": token}, base_url="https://localhost")
    cookie = client.get_cookie("wihy_partner", path=PAGE)
    assert cookie
    assert cookie.secure
    assert cookie.expires
    assert cookie.expires <= now() + timedelta(days=400)


def test_the_page_tells_what_happened_and_until_when_it_works(token: str, stranger: FlaskClient) -> None:
    page = opened(stranger, token).text
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert "Someone opened /autumn through autumn_launch" in words
    assert "Someone went to Kickstarter through sold" in words
    assert "This page is private." in words
    assert f"It works until {(now() + timedelta(days=9)).day} " in words
    for secret in ("partner_sarah", "not_mine"):
        assert secret not in page


def test_the_link_is_made_for_the_chosen_campaign(token: str, stranger: FlaskClient) -> None:
    def link(page: TestResponse) -> str:
        found = re.search(r'<code class="tracking-link"[^>]*>(.*?)</code>', page.text)
        assert found
        return re.sub(r"<[^>]+>", "", found[1]).replace("&amp;", "&")

    assert link(opened(stranger, token)) == "http://localhost/?ref=partner_john&campaign=autumn_launch"
    chosen = stranger.get(PAGE, query_string={"campaign": "new & <mine>"})
    assert link(chosen) == "http://localhost/?ref=partner_john&campaign=new+%26+%3Cmine%3E"
    assert "new &amp; &lt;mine&gt;" in chosen.text
    assert stranger.get(PAGE, query_string={"campaign": "\0"}).status_code == 400


def test_tiles_and_chart_speak_of_the_same_days(token: str, stranger: FlaskClient) -> None:
    for period, clicks, unit in (
        ("30d", 1, "day"),
        ("90d", 2, "day"),
        ("12mo", 2, "week"),
        ("all", 2, "day"),
    ):
        page = stranger.get(PAGE, query_string={"period": period}).text
        drawn = re.findall(r'"text":\s*"(\d+)"', page)
        assert figures(page)[0] == str(clicks)
        assert sum(map(int, drawn)) == clicks, period
        assert f"Clicks by {unit}" in page
    assert stranger.get(PAGE, query_string={"period": "century"}).status_code == 400


def test_staff_see_all_without_a_token_and_keep_no_cookie(
    app: Flask, token: str, vera: FlaskClient, stranger: FlaskClient
) -> None:
    page = vera.get(PAGE)
    assert "Top campaigns" in page.text
    assert "as staff" in page.text
    opened(vera, token)
    assert vera.get_cookie("wihy_partner", path=PAGE) is None


def change(app: Flask, **values: object) -> None:
    with app.app_context(), transaction():
        for name, value in values.items():
            setattr(find_partner("partner_john"), name, value)


def test_the_cookie_is_judged_as_the_token_is(app: Flask, token: str, stranger: FlaskClient) -> None:
    opened(stranger, token)
    change(app, expires_at=now() - timedelta(seconds=1))
    answer = stranger.get(PAGE)
    assert (answer.status_code, "This link has expired" in answer.text) == (401, True)
    change(app, is_active=False, revoked_at=now())
    answer = stranger.get(PAGE)
    assert (answer.status_code, "This link was withdrawn" in answer.text) == (401, True)
    assert "Clicks" not in answer.text


@pytest.mark.parametrize("wrong", ["x", "x\0y", "x" * 5000, "é" * 43])
def test_a_wrong_token_says_so_and_sets_nothing(token: str, stranger: FlaskClient, wrong: str) -> None:
    answer = stranger.get(PAGE, query_string={"token": wrong})
    assert (answer.status_code, "This link is not complete" in answer.text) == (401, True)
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer.headers


def test_an_empty_token_is_none(token: str, stranger: FlaskClient) -> None:
    answer = stranger.get(PAGE, query_string={"token": ""})
    assert (answer.status_code, "This is the public part" in answer.text) == (200, True)


@pytest.mark.parametrize("contact", ["", "partners@wihy.ai"])
def test_without_public_pages_the_page_needs_its_link(make_app: MakeApp, contact: str) -> None:
    app = make_app(PUBLIC_ENGAGEMENT="off", PARTNER_CONTACT=contact)
    token, client = new_partner(app), app.test_client()
    for query in ({}, {"token": ""}):
        answer = client.get(PAGE, query_string=query)
        assert (answer.status_code, "This page needs its link" in answer.text) == (401, True)
        assert contact in answer.text
    assert "Your link" in opened(client, token).text


def test_the_page_shares_the_limit_of_its_api_but_not_for_staff(make_app: MakeApp) -> None:
    app = make_app(RATE_LIMIT_ANALYTICS="2")
    new_partner(app)
    add_user(app, "vera@example.org")
    client, vera = app.test_client(), signed_in(app, "vera@example.org")
    assert [vera.get(PAGE).status_code for _ in range(3)] == [200, 200, 200]
    assert client.get(PAGE).status_code == 200
    assert client.get(f"/api/tracking{PAGE}").status_code == 200
    assert client.get(PAGE).status_code == 429


def test_the_public_may_not_ask_for_decades_by_day(token: str, stranger: FlaskClient) -> None:
    api = f"/api/tracking{PAGE}"
    most = {"from": "2010-01-01", "to": "2020-02-17"}
    assert stranger.get(api, query_string=most).status_code == 200
    answer = stranger.get(api, query_string=most | {"to": "2020-02-18"})
    assert (answer.status_code, answer.json and answer.json["details"][0]["field"]) == (400, "from")
    assert stranger.get(api, query_string={"from": "1970-01-01", "token": token}).status_code == 200


def test_the_link_is_also_a_qr_code_for_who_holds_the_token(token: str, stranger: FlaskClient) -> None:
    assert stranger.get(f"{PAGE}/qr.svg").status_code == 401
    page = opened(stranger, token).text
    assert f'src="{PAGE}/qr.svg?campaign=autumn_launch"' in page
    svg = stranger.get(f"{PAGE}/qr.svg", query_string={"campaign": "autumn_launch"})
    assert (svg.status_code, svg.mimetype) == (200, "image/svg+xml")
    assert svg.data == qr_picture("http://localhost/?ref=partner_john&campaign=autumn_launch", "svg")
    png = stranger.get(f"{PAGE}/qr.png")
    assert png.data == qr_picture("http://localhost/?ref=partner_john", "png")
    assert stranger.get(f"{PAGE}/qr.gif").status_code == 404
    assert stranger.get(f"{PAGE}/qr.svg", query_string={"campaign": "\0"}).status_code == 400


def test_what_is_seen_can_be_taken_away(token: str, stranger: FlaskClient) -> None:
    csv = stranger.get(f"{PAGE}/clicks.csv").text.splitlines()
    assert (csv[0], len(csv)) == ("day,clicks", 1 + 30)
    assert csv[-1] == f"{NOON.date()},1"
    opened(stranger, token)
    day = str((NOON - timedelta(days=40)).date())
    answer = stranger.get(f"{PAGE}/clicks.csv", query_string={"from": day, "to": day})
    assert answer.text.splitlines() == ["day,clicks,conversions", f"{day},1,0"]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="partner_john.csv"'
    assert (answer.headers["Cache-Control"], answer.headers["X-Robots-Tag"]) == (
        "private, no-store",
        "noindex",
    )
    assert stranger.get(f"{PAGE}/clicks.csv", query_string={"token": "x"}).status_code == 401


def test_days_can_be_chosen_one_by_one(token: str, stranger: FlaskClient) -> None:
    first, last = str((NOON - timedelta(days=41)).date()), str((NOON - timedelta(days=39)).date())
    page = opened(stranger, token, **{"from": first, "to": last, "campaign": "spring_sale"}).text
    assert figures(page)[:2] == ["1", "0"]
    assert "Chosen days" in page
    assert 'name="campaign" value="spring_sale"' in page
    assert f"{PAGE}/clicks.csv?from={first}&amp;to={last}" in page
    assert stranger.get(PAGE, query_string={"from": last, "to": first}).status_code == 400
    assert stranger.get(PAGE, query_string={"from": "1970-01-01", "to": "2020-01-01"}).status_code == 200
    stranger.delete_cookie("wihy_partner", path=PAGE)
    assert stranger.get(PAGE, query_string={"from": "1970-01-01", "to": "2020-01-01"}).status_code == 400


def test_days_begin_where_the_viewer_lives(app: Flask, stranger: FlaskClient) -> None:
    store(app, [Sent(NOON - timedelta(hours=1))])  # in Nairobi this is the day after

    def clicks(zone: str) -> str:
        stranger.set_cookie("wihy_tz", zone)
        day = str(NOON.date())
        return stranger.get(f"{PAGE}/clicks.csv", query_string={"from": day, "to": day}).text.splitlines()[1]

    assert clicks("Africa/Nairobi") == f"{NOON.date()},1"
    assert clicks("UTC") == f"{NOON.date()},0"
