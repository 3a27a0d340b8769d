"""The page of one partner or source."""

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.analytics.events import store
from tests.dashboard.conftest import NOW
from tests.dashboard.reading import card, figures, links, page_of, rows, tiles
from tests.dashboard.test_traffic import CLICK, CONVERSION, DAY, HOUR
from wihy.core.database import transaction
from wihy.core.ids import new_id
from wihy.partners.service import add_partner

PATH = "/tracking-dashboard/referrers"
BROUGHT = replace(CONVERSION, id=new_id(), referrer="lumen", original_source="partner_john")


def test_what_counts_for_one_id(app: Flask, vera: FlaskClient) -> None:
    store(app, [CLICK, BROUGHT, replace(CLICK, id=new_id(), referrer="other")])
    page = page_of(vera, f"{PATH}/partner_john")
    shown = figures(page)
    assert (shown["Clicks"], shown["Conversions"]) == ("1", "1")
    assert len(rows(card(page, "Events"))) == 2


def test_only_other_partners_are_named_in_its_events(app: Flask, vera: FlaskClient) -> None:
    store(app, [CLICK, BROUGHT, replace(CLICK, id=new_id(), original_source="first")])
    events = card(page_of(vera, f"{PATH}/partner_john"), "Events")
    assert "Partner or source" not in events
    assert "Came through lumen" in events
    assert sum("First brought by first" in row for row in rows(events)) == 1
    assert f"{PATH}/partner_john" not in links(events)


def test_periods_and_comparison(app: Flask, vera: FlaskClient) -> None:
    store(app, [CLICK, replace(CLICK, id=new_id(), timestamp=NOW - 7 * DAY - HOUR)])
    page = page_of(vera, f"{PATH}/partner_john", period="7d")
    assert tiles(page)["Clicks"] == ("1", "no change from 1")
    assert f"{PATH}/partner_john?period=7d&compare=year" in links(page)
    assert tiles(page_of(vera, f"{PATH}/partner_john", period="7d", compare="none"))["Clicks"] == ("1", "")


def test_a_partner_page_is_offered_where_there_is_one(app: Flask, vera: FlaskClient) -> None:
    store(app, [CLICK])
    with app.app_context(), transaction():
        add_partner("quiet", "Quiet One", None, None)
    for known in ("partner_john", "quiet"):
        assert f"/engagement/{known}" in links(page_of(vera, f"{PATH}/{known}"))
        assert vera.get(f"/engagement/{known}").status_code == 200
    nobody = page_of(vera, f"{PATH}/nobody")
    assert "/engagement/nobody" not in links(nobody)
    assert "No events" in nobody


def test_its_rows_filter_and_its_cards_lead_to_their_pages(app: Flask, vera: FlaskClient) -> None:
    store(app, [CLICK, replace(CLICK, id=new_id(), campaign="autumn")])
    page = page_of(vera, f"{PATH}/partner_john", period="7d")
    for card_page in ("campaigns", "landing-pages"):
        address = f"/tracking-dashboard/{card_page}?period=7d&partner=partner_john"
        assert address in links(page)
        assert vera.get(address).status_code == 200
    assert f"{PATH}/partner_john?period=7d&campaign=autumn" in links(page)
    filtered = page_of(vera, f"{PATH}/partner_john", campaign="autumn")
    assert figures(filtered)["Clicks"] == "1"
    assert 'Campaign is <b dir="auto">autumn</b>' in filtered
    assert "Partner or source is" not in filtered


@pytest.mark.parametrize("wrong", ["a b", "a.b", "x" * 256])
def test_what_can_be_no_id_is_refused(vera: FlaskClient, wrong: str) -> None:
    answer = vera.get(f"{PATH}/{wrong}")
    assert answer.status_code == 400
    assert "<code>referrerId</code>: write 1 to 255 letters" in answer.text
