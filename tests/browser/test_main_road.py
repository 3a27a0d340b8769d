"""The main road, as a new user walks it: sign in, capture a click, see it."""

from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Site, Watched, sign_in
from tests.tracking.test_capture import BROWSER

ONE_SECOND_MS = 1_000


def capture(site: Site, **fields: Any) -> None:
    body = {"referrer": "partner_john", "campaign": "hello", "userAgent": BROWSER, **fields}
    answer = requests.post(f"{site.address}/api/tracking/capture", json=body, timeout=10)
    assert answer.status_code == 201, answer.text


def test_the_first_click_turns_the_first_run_into_the_dashboard(
    site: Site, page: Page, watched: Watched
) -> None:
    sign_in(page, site)
    expect(page.get_by_role("heading", name="Waiting for the first click")).to_be_visible()
    page.wait_for_timeout(500)
    capture(site)
    expect(page.get_by_role("heading", name="Traffic")).to_be_visible()
    expect(page.locator("[data-event]")).to_have_count(1)
    assert watched.complaints == []


def test_a_click_appears_on_the_open_dashboard_within_a_second(
    site: Site, page: Page, watched: Watched
) -> None:
    capture(site)
    sign_in(page, site)
    clicks = page.locator(".tile-clicks .figure").first
    expect(clicks).to_have_text("1")
    page.wait_for_timeout(500)
    capture(site, campaign="second")
    expect(page.get_by_role("cell", name="second")).to_be_visible(timeout=ONE_SECOND_MS)
    expect(clicks).to_have_text("2", timeout=ONE_SECOND_MS)
    assert watched.complaints == []


def test_an_open_engagement_page_follows(site: Site, page: Page, watched: Watched) -> None:
    capture(site)
    page.goto(f"{site.address}/engagement/partner_john")
    figure = page.locator(".tile .figure").first
    expect(figure).to_have_text("1")
    page.wait_for_timeout(500)
    capture(site)
    expect(figure).to_have_text("2", timeout=2 * ONE_SECOND_MS)
    assert watched.complaints == []


def test_a_row_filters_everything_and_back_works(site: Site, page: Page, watched: Watched) -> None:
    capture(site)
    capture(site, campaign="autumn", referrer="lumen")
    sign_in(page, site)
    page.get_by_role("link", name="autumn").first.click()
    page.wait_for_url("**campaign=autumn**")
    expect(page.locator(".tile-clicks .figure").first).to_have_text("1")
    expect(page.locator("[data-event]")).to_have_count(1)
    page.go_back()
    expect(page.locator(".tile-clicks .figure").first).to_have_text("2")
    assert watched.complaints == []


def test_keys_choose_the_period(site: Site, page: Page, watched: Watched) -> None:
    capture(site)
    sign_in(page, site)
    page.keyboard.press("w")
    page.wait_for_url("**period=7d**")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert watched.complaints == []


@pytest.mark.parametrize(
    "path",
    ["/tracking-dashboard", "/tracking-admin", "/settings", "/engagement/partner_john", "/docs", "/login"],
)
@pytest.mark.parametrize("width", [390, 1440])
def test_no_page_breaks_its_policy_or_scrolls_sideways(
    site: Site, page: Page, watched: Watched, path: str, width: int
) -> None:
    capture(site, campaign="c" * 255)
    if path not in ("/login", "/engagement/partner_john"):
        sign_in(page, site)
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(site.address + path)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert watched.complaints == []


def test_everything_but_charts_works_without_javascript(site: Site, chromium: Browser) -> None:
    capture(site)
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, site)
    expect(page.locator(".tile-clicks .figure").first).to_have_text("1")
    expect(page.locator("[data-event]")).to_have_count(1)
    expect(page.get_by_role("table").first).to_be_visible()
    page.goto(f"{site.address}/tracking-admin?referrer=lumen&campaign=autumn")
    expect(page.get_by_text("ref=lumen").or_(page.locator("#tracking-link"))).to_be_visible()
    page.goto(f"{site.address}/settings")
    page.locator("summary", has_text="ada").or_(page.locator("header details summary")).first.click()
    page.get_by_role("button", name="Sign out", exact=True).first.click()
    page.goto(f"{site.address}/tracking-dashboard")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    context.close()


HOSTILE = [
    "<script>document.title='run'</script>",
    "<img src=x onerror=\"document.title='run'\">",
    "\"><svg onload=\"document.title='run'\">",
    "{{7*7}}${7*7}",
    "</script><script>document.title='run'</script>",
    "' OR 1=1 --",
    "مؤسسة البحيرات الكبرى",
]


def test_hostile_texts_are_shown_and_not_run(site: Site, page: Page, watched: Watched) -> None:
    for text in HOSTILE:
        capture(site, campaign=text, originalSource=text, landingPage="/" + text)
    sign_in(page, site)
    page.wait_for_load_state("networkidle")
    assert page.title() == "Traffic · WIHY"
    assert page.get_by_text(HOSTILE[0]).count() > 0
    assert watched.complaints == []
