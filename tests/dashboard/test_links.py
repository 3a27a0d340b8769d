"""The link generator without JavaScript."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.analytics.events import store
from tests.conftest import MakeApp, add_user, signed_in
from tests.dashboard.reading import page_of, words
from tests.dashboard.test_traffic import CLICK

PATH = "/tracking-admin"
OWN = "This is WIHY's own address: set SITE_URL to your site."


def shown_link(page: str) -> str:
    start = page.index('id="tracking-link"')
    return words(page[page.index(">", start) + 1 : page.index("</code>", start)]).replace(" ", "")


def test_a_link_of_what_was_typed(vera: FlaskClient) -> None:
    page = page_of(vera, PATH, referrer="lumen", campaign="autumn", target="https://shop.example/a?b=1#c")
    assert shown_link(page) == (
        "https://shop.example/a?b=1&ref=lumen&utm_campaign=autumn&utm_source=wihy&utm_medium=referral#c"
    )


def test_an_example_before_anything_is_typed(vera: FlaskClient) -> None:
    page = page_of(vera, PATH)
    assert "ref=partner_or_source" in shown_link(page)
    assert "Say who shares it" in page


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"referrer": "bad id"}, "Use letters, digits, _ and -, at most 255"),
        ({"referrer": "lumen", "target": "javascript:alert(1)"}, "Start with http:// or https://"),
    ],
)
def test_no_link_of_what_cannot_be_one(vera: FlaskClient, typed: dict[str, str], message: str) -> None:
    page = page_of(vera, PATH, **typed)
    assert shown_link(page) == ""
    assert message in words(page)
    assert page.count('aria-invalid="true"') == 1


def test_known_partners_and_campaigns_are_suggested(app: Flask, vera: FlaskClient) -> None:
    store(app, [CLICK])
    page = page_of(vera, PATH)
    assert '<option value="partner_john" label="partner_john, 1 click">' in page
    assert '<option value="facebook_nov" label="1 click">' in page


@pytest.mark.parametrize("site", ["", "https://marketed.example"])
def test_a_link_to_wihy_itself_is_pointed_out(make_app: MakeApp, site: str) -> None:
    app = make_app(**({"SITE_URL": site} if site else {}))
    add_user(app, "vera@example.org")
    page = page_of(signed_in(app, "vera@example.org"), PATH)
    assert (OWN in page) is (not site)
