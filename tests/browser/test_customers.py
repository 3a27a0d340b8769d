"""A customer's way through real Chromium: added by an admin, signed in by themselves, sent away."""

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Site, Watched, sign_in
from tests.conftest import PASSWORD


def test_an_admin_adds_a_customer_who_signs_in_until_deactivated(
    site: Site, page: Page, watched: Watched, chromium: Browser
) -> None:
    sign_in(page, site)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Customers").click()
    form = page.get_by_role("form", name="Add a customer")
    form.get_by_label("Id").fill("7")
    form.get_by_label("Name").fill("Alice Wanjiru")
    form.get_by_label("E-mail").fill("alice@example.org")
    form.get_by_label("Language").select_option("Kiswahili")
    form.get_by_label("New password").fill(PASSWORD)
    form.get_by_role("button", name="Add customer").click()
    expect(page.get_by_role("heading", name="Alice Wanjiru")).to_be_visible()
    with chromium.new_context() as context:
        alice = context.new_page()
        alice.set_default_timeout(10_000)
        sign_in(alice, site, "alice@example.org", "/me")
        expect(alice.get_by_role("heading", name="Hello, Alice Wanjiru")).to_be_visible()
        refused = alice.goto(f"{site.address}/customers")
        assert refused
        assert refused.status == 403
        page.get_by_role("button", name="Deactivate this customer").click()
        expect(page.get_by_text("Deactivated. Every session has ended.")).to_be_visible()
        alice.goto(f"{site.address}/me")
        expect(alice).to_have_url(f"{site.address}/login?next=%2Fme")
    assert watched.complaints == []
