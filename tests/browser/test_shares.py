"""Sharing a view: made from the dashboard, opened by somebody else, ended with one click."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Site, Watched, sign_in
from tests.browser.test_main_road import capture


def made(site: Site, page: Page) -> str:
    """Share what the dashboard shows of one campaign; returns the link."""
    capture(site)
    sign_in(page, site)
    campaigns = page.get_by_role("region", name="Campaigns")
    campaigns.locator("a.bar-row").first.click()
    expect(page.get_by_role("link", name="Clear")).to_be_visible()
    page.get_by_title("Share this view").click()
    page.get_by_label("Name").fill("For the agency")
    page.get_by_role("button", name="Make the link").click()
    link = page.locator("#new-link")
    expect(link).to_contain_text("/share/")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    return f"{site.address}{(link.text_content() or '').removeprefix('http://localhost')}"


def test_a_share_is_made_opened_and_revoked(
    site: Site, page: Page, watched: Watched, chromium: Browser
) -> None:
    link = made(site, page)
    guests = chromium.new_context(timezone_id="Africa/Nairobi", locale="en-GB")
    guest = guests.new_page()
    watched.watch(guest)
    guest.goto(link)
    expect(guest.get_by_role("heading", name="For the agency")).to_be_visible()
    expect(guest.get_by_role("img", name="Clicks by")).to_be_visible()
    token = link.rpartition("/")[2]
    assert token not in guest.url
    assert token not in guest.evaluate("document.cookie")
    guest.locator("summary", has_text="28 days").first.click()
    guest.get_by_role("link", name="All time").click()
    guest.wait_for_url("**period=all**")
    assert watched.complaints == []
    page.goto(f"{site.address}/tracking-dashboard/shares")
    page.get_by_role("button", name="Revoke For the agency").click()
    expect(page.get_by_role("row", name="For the agency")).to_contain_text("Revoked")
    assert watched.complaints == []
    guest.reload()
    expect(guest.get_by_role("heading", name="This link was withdrawn")).to_be_visible()
    guest.goto(link)
    expect(guest.get_by_role("heading", name="This link was withdrawn")).to_be_visible()
    guests.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_long_names_fit_a_phone(site: Site, page: Page, watched: Watched, scheme: str) -> None:
    capture(site)
    sign_in(page, site)
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": 390, "height": 844})
    shares = f"{site.address}/tracking-dashboard/shares"
    page.goto(f"{shares}?partner={'p' * 255}&campaign={'مرحبا' * 51}&landingPage=/{'l' * 255}")
    page.get_by_label("Name").fill("مشاركة" * 42)
    page.get_by_role("button", name="Make the link").click()
    expect(page.locator("#new-link")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.goto(shares)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator(".shares a").first.click()
    page.wait_for_url("**/share/**")
    expect(page.get_by_text("You see it as others do.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert watched.complaints == []
