"""The bell and the inbox through real Chromium."""

from playwright.sync_api import Browser, expect

from tests.browser.conftest import Site, sign_in
from tests.conftest import add_customer
from tests.notifications.telling import tell

EMAIL = "alice@example.org"


def test_without_scripts_one_and_all_are_marked_as_read(site: Site, chromium: Browser) -> None:
    add_customer(site.app, 7, EMAIL)
    for points in (1, 2, 3):
        tell(site.app, points=points)
    with chromium.new_context(java_script_enabled=False) as context:
        context.set_default_timeout(20_000)
        page = context.new_page()
        sign_in(page, site, EMAIL, "/me")
        page.get_by_role("link", name="Notifications, 3 unread").click()
        expect(page).to_have_url(f"{site.address}/me#notifications")
        newest = page.get_by_role("region", name="Notifications").get_by_role("listitem").first
        newest.get_by_role("button", name="Mark as read Points received").click()
        expect(page.get_by_role("link", name="Notifications, 2 unread")).to_be_visible()
        expect(newest).to_contain_text("brought you 3 points")
        expect(newest.get_by_role("button")).to_have_count(0)
        page.get_by_role("button", name="Mark all as read").click()
        expect(page.get_by_role("link", name="Notifications, 0 unread")).to_be_visible()
        expect(page.get_by_role("button", name="Mark")).to_have_count(0)
