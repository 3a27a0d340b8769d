"""What the client script counts: visits through links, and clicks that lead onward."""

from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Site, Watched
from tests.browser.script.conftest import Visit, kept, settled, stored, stored_in_time
from tests.browser.script.marketed import Marketed
from tests.conftest import add_user, signed_in
from tests.links.saving import save
from wihy.core.ids import new_id

# what a browser does is the same on every database
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_visit_through_a_link_counts_once_a_session(
    site: Site, page: Page, visit: Visit, watched: Watched
) -> None:
    visit("/about?ref=partner_john&utm_campaign=autumn&utm_source=wihy#team")
    [event] = stored(site.app)
    assert (event.referrer, event.campaign, event.original_source) == (
        "partner_john",
        "autumn",
        "partner_john",
    )
    assert (event.event_type, event.is_bot, event.new_visitor) == ("inbound", False, True)
    assert event.landing_page == f"{page.url.split('?')[0]}"
    assert event.session_id == kept(page)["wihy_session"]
    page.reload()
    visit("/other")
    visit("/about?ref=partner_john&utm_campaign=autumn&utm_source=wihy")
    assert len(stored(site.app)) == 1
    visit("/about?ref=partner_john&campaign=winter")
    visit("/about?ref=lumen&utm_source=newsletter")
    assert [(one.referrer, one.campaign, one.original_source) for one in stored(site.app)[1:]] == [
        ("partner_john", "winter", "partner_john"),
        ("lumen", "direct", "partner_john"),
    ]
    assert kept(page)["wihy_original_source"] == "partner_john"
    assert kept(page)["wihy_original_campaign"] == "autumn"
    assert watched.complaints == []


def test_a_source_of_its_own_is_the_original_one(site: Site, visit: Visit) -> None:
    visit("/?ref=lumen&campaign=a&utm_source=newsletter")
    [event] = stored(site.app)
    assert (event.referrer, event.original_source) == ("lumen", "newsletter")


@pytest.mark.parametrize("asked", ["", "?utm_source=newsletter", "?ref=not%20an%20id", "?ref="])
def test_other_visits_count_nothing_and_leave_nothing(
    site: Site, page: Page, visit: Visit, asked: str
) -> None:
    visit(f"/{asked}")
    assert kept(page) == {}
    assert stored(site.app) == []


def test_a_saved_link_counts_once_and_a_copied_address_anew(
    site: Site, page: Page, marketed: Marketed, chromium: Browser, watched: Watched
) -> None:
    add_user(site.app, "ada@example.org", "admin")
    save(
        signed_in(site.app, "ada@example.org"), slug="trail", target=f"{marketed.address}/autumn?a=b%20c#top"
    )
    page.goto(f"{site.address}/l/trail")
    settled(page)
    address = page.url
    [event] = stored(site.app)
    assert event.link_slug == "trail"
    assert "wihy_id" not in address
    assert address.endswith(
        "/autumn?a=b+c&ref=lumen&utm_campaign=autumn&utm_source=wihy&utm_medium=referral#top"
    )
    sent = parse_qs(urlsplit(next(path for path in marketed.opened if "wihy_id" in path)).query)
    assert sent["wihy_id"] == [str(event.id)]
    page.reload()
    settled(page)
    assert len(stored(site.app)) == 1
    with_copy = chromium.new_context()
    other = with_copy.new_page()
    other.goto(address)
    settled(other)
    with_copy.close()
    assert [one.link_slug for one in stored_in_time(site.app, 2)] == ["trail", None]
    assert watched.complaints == []


@pytest.mark.parametrize(("hours", "is_same"), [(0, True), (-2, False)])
def test_an_id_holds_for_an_hour(site: Site, page: Page, visit: Visit, hours: int, is_same: bool) -> None:
    event_id = UUID(int=new_id().int + (hours * 3_600_000 << 80))
    visit(f"/?wihy_id={event_id}&ref=lumen&a=1")
    [event] = stored(site.app)
    assert (event.id == event_id) is is_same
    assert page.url.endswith("/?ref=lumen&a=1")


@pytest.mark.parametrize(
    ("link", "referrer", "campaign", "path"),
    [
        ("#shop", "partner_john", "autumn", "/shop?item=1"),
        ("#named", "lumen", "footer", "/shop"),
        ("#inner", "partner_john", "autumn", "/inner"),
    ],
)
def test_an_outbound_click_counts_though_the_page_is_left(
    site: Site,
    page: Page,
    visit: Visit,
    marketed: Marketed,
    link: str,
    referrer: str,
    campaign: str,
    path: str,
) -> None:
    visit("/?ref=partner_john&campaign=autumn")
    page.locator(link).click()
    page.wait_for_url(f"**{path}")
    event = stored_in_time(site.app, 2)[1]
    assert (event.event_type, event.destination_url) == ("outbound", marketed.address + path)
    assert (event.referrer, event.original_source, event.campaign) == (referrer, "partner_john", campaign)
    settled(page)
    assert len(stored(site.app)) == 2


def test_who_came_by_no_link_goes_on_as_direct(site: Site, page: Page, visit: Visit) -> None:
    visit("/")
    page.locator("#unmarked").click()
    page.wait_for_url("**/unmarked")
    page.locator("#shop").click(button="middle")
    [event] = stored_in_time(site.app, 1)
    assert (event.referrer, event.original_source, event.campaign) == ("direct", "direct", "outbound_click")


def test_a_page_may_decide_by_itself_when_to_capture(
    site: Site, page: Page, visit: Visit, marketed: Marketed
) -> None:
    marketed.attributes = 'data-auto="off"'
    visit("/?ref=lumen")
    assert stored(site.app) == []
    event_id = page.evaluate("wihy.captureTracking('?ref=lumen&campaign=route')")
    settled(page)
    [event] = stored(site.app)
    assert (str(event.id), event.campaign) == (event_id, "route")


def test_links_are_made_as_the_generator_makes_them(page: Page, visit: Visit, marketed: Marketed) -> None:
    marketed.attributes = 'data-destination="https://marketed.example/start"'
    visit("/")
    made = "ref=partner_john&utm_campaign=autumn&utm_source=wihy&utm_medium=referral"
    assert page.evaluate(
        "wihy.generateTrackingLink('partner_john', 'autumn', 'https://a.example/?b=1#c')"
    ) == (f"https://a.example/?b=1&{made}#c")
    assert page.evaluate("wihy.generateTrackingLink('partner_john')") == (
        "https://marketed.example/start?ref=partner_john&utm_source=wihy&utm_medium=referral"
    )
