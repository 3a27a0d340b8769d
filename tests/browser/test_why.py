"""The page `/why`: asked by keyboard, without scripts, on a phone, in the dark, by a screen reader."""

from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import Site, Watched, sign_in
from tests.browser.test_main_road import capture
from tests.why.test_sessions import ARABIC
from wihy.core.database import transaction
from wihy.core.ids import new_id
from wihy.partners.service import add_partner


@pytest.fixture
def event_id(site: Site) -> str:
    """An event of a partner, in a session with a long name."""
    with site.app.app_context(), transaction():
        add_partner("partner_john", "John", None, None)
    event_id = str(new_id())
    capture(site, eventId=event_id, sessionId=ARABIC)
    capture(site, sessionId=ARABIC, userAgent="Googlebot/2.1")
    return event_id


def open_why(page: Page, site: Site, q: str = "") -> None:
    page.goto(f"{site.address}/why?{urlencode({'q': q})}" if q else f"{site.address}/why")
    page.wait_for_load_state("networkidle")


def test_the_menu_leads_to_it_and_keys_alone_ask(
    site: Site, page: Page, watched: Watched, event_id: str
) -> None:
    sign_in(page, site)
    page.locator("summary", has_text="Menu and account").click()
    page.locator(".menu-pop").get_by_role("link", name="Missing a click?").click()
    page.get_by_label("What is missing?").focus()
    page.keyboard.type(f" {event_id.upper()} ")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="It counts as a click of John")).to_be_visible()
    steps = page.get_by_role("listitem").filter(has_text="In order")
    expect(steps).to_have_count(6)
    expect(steps.first).to_contain_text("WIHY received it and stored it.")
    page.get_by_role("link", name=ARABIC).click()
    expect(page.get_by_role("heading", name="1 of 2 events shown here did not count")).to_be_visible()
    assert watched.complaints == []


def test_what_was_probably_meant_is_one_click_away(site: Site, page: Page, event_id: str) -> None:
    sign_in(page, site)
    open_why(page, site, "https://wihy.ai/?ref=partner_jhon")
    page.get_by_role("link", name="partner_john").first.click()
    expect(page.get_by_role("heading", name="Clicks with this id count")).to_be_visible()


def test_it_works_without_scripts(site: Site, chromium: Browser, event_id: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, site)
    page.goto(f"{site.address}/why")
    page.get_by_label("What is missing?").fill(event_id)
    page.get_by_role("button", name="Find out").click()
    expect(page.get_by_role("heading", name="It counts as a click of John")).to_be_visible()
    context.close()


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_can_read_it_on_any_screen(
    site: Site, page: Page, watched: Watched, event_id: str, width: int, scheme: str
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    sign_in(page, site)
    page.set_viewport_size({"width": width, "height": 844})
    asked = ["", event_id, ARABIC, "x" * 255, f"https://shop.example/?ref={'r' * 255}&campaign={ARABIC}"]
    for q in asked:
        open_why(page, site, q)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, q
        assert watched.complaints == []
        assert violations(page) == [], q
        watched.complaints.clear()  # axe tries a style of its own
