"""A card in full: sorted, searched, a hundred lines a page, in days that can be chosen."""

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.analytics.events import Sent, store
from tests.dashboard.conftest import NOW
from tests.dashboard.reading import links, page_of, rows
from tests.dashboard.test_traffic import CLICK, CONVERSION, DAY, HOUR
from wihy.core.database import transaction
from wihy.core.ids import new_id
from wihy.partners.service import add_partner

PATH = "/tracking-dashboard"
LUMEN = Sent(NOW - HOUR, referrer="lumen", campaign="autumn", id=new_id())


@pytest.mark.parametrize(
    ("slug", "row"),
    [
        ("partners", "partner_john 1 1 1 2 50.0%"),
        ("sources", "partner_john 1 1 1 2 50.0%"),
        ("campaigns", "facebook_nov 1 1 1 2 50.0%"),
        ("landing-pages", "/about 2 1 1 3 100.0%"),
        ("destinations", "Kickstarter 0 1 0 1 0.0%"),
    ],
)
def test_each_card_has_a_page(app: Flask, vera: FlaskClient, slug: str, row: str) -> None:
    store(app, [CLICK, CONVERSION, LUMEN])
    page = page_of(vera, f"{PATH}/{slug}")
    assert row in rows(page)
    assert "None" not in "".join(links(page))


def test_an_unknown_card_is_not_there(vera: FlaskClient) -> None:
    answer = vera.get(f"{PATH}/colours")
    assert answer.status_code == 404
    assert answer.text.count("No page has this address, or you may not see it.") == 1


def test_sorted_by_what_is_asked(app: Flask, vera: FlaskClient) -> None:
    more = [replace(LUMEN, id=new_id()) for _ in range(2)]
    store(app, [CLICK, CONVERSION, *more])
    assert rows(page_of(vera, f"{PATH}/campaigns"))[0].startswith("autumn")
    page = page_of(vera, f"{PATH}/campaigns", sort="conversions")
    assert rows(page)[0].startswith("facebook_nov")
    assert page.count("aria-sort=") == 1
    assert f"{PATH}/campaigns?sort=events" in links(page)


def test_searched_by_name(app: Flask, vera: FlaskClient) -> None:
    store(app, [CLICK, LUMEN])
    page = page_of(vera, f"{PATH}/campaigns", q="AUT", sort="events", period="7d")
    assert [row.split()[0] for row in rows(page)] == ["autumn"]
    assert '<input type="hidden" name="sort" value="events">' in page
    assert "Nothing found" in page_of(vera, f"{PATH}/campaigns", q="zzz")


def test_its_days_can_be_chosen(app: Flask, vera: FlaskClient) -> None:
    store(app, [CLICK, replace(LUMEN, timestamp=NOW - 10 * DAY)])
    page = page_of(vera, f"{PATH}/campaigns", q="a", sort="events", campaign="autumn")
    assert len(rows(page)) == 2
    assert f"{PATH}/campaigns?campaign=autumn&q=a&sort=events&period=7d" in links(page)
    assert len(rows(page_of(vera, f"{PATH}/campaigns", period="7d"))) == 1


def test_a_row_filters_the_dashboard(app: Flask, vera: FlaskClient) -> None:
    store(app, [CLICK])
    page = page_of(vera, f"{PATH}/campaigns", period="7d", q="face")
    assert f"{PATH}?period=7d&campaign=facebook_nov" in links(page)


def test_each_partner_has_details(app: Flask, vera: FlaskClient) -> None:
    store(app, [CLICK])
    with app.app_context(), transaction():
        add_partner("partner_john", "John Smith", None, None)
    page = page_of(vera, f"{PATH}/partners", period="7d")
    assert f"{PATH}/referrers/partner_john?period=7d" in links(page)
    assert 'aria-label="Details of John Smith"' in page
    assert "/referrers/" not in page_of(vera, f"{PATH}/campaigns")


def test_a_hundred_lines_a_page(app: Flask, vera: FlaskClient) -> None:
    store(app, [replace(LUMEN, id=new_id(), campaign=f"c{number}") for number in range(101)])
    first = page_of(vera, f"{PATH}/campaigns")
    assert len(rows(first)) == 100
    older = next(link for link in links(first) if "offset" in link)
    second = page_of(vera, older)
    assert len(rows(second)) == 1
    assert f"{PATH}/campaigns" in links(second)
