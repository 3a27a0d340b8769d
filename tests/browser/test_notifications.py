"""The bell and the inbox through real Chromium."""

from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import Site, Watched, sign_in
from tests.conftest import add_customer
from tests.notifications.telling import tell
from tests.servers.processes import wait_until

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


def test_news_comes_without_a_reload(site: Site, page: Page, watched: Watched) -> None:
    add_customer(site.app, 7, EMAIL, language="fr")
    sign_in(page, site, EMAIL, "/me")
    page.evaluate("window.isTheSame = true")
    wait_until(lambda: page.locator("[data-bell=on]").count() == 1, what="the channel")
    inbox = page.get_by_role("region", name="Notifications")
    expect(inbox).to_contain_text("No notifications yet")
    tell(site.app, points=1)
    tell(site.app, points=2)
    expect(page.get_by_role("link", name="Notifications, 2 unread")).to_be_visible()
    expect(inbox.get_by_role("listitem")).to_have_count(2)
    newest = inbox.get_by_role("listitem").first
    expect(newest).to_contain_text("Votre interaction vous a rapporté 2 points.")
    expect(newest.locator("[lang=fr]")).to_have_count(2)
    expect(page.locator("[data-bell-news]")).to_have_text(
        "Points reçus. Votre interaction vous a rapporté 2 points."
    )
    expect(inbox).not_to_contain_text("No notifications yet")
    assert page.evaluate("window.isTheSame")
    newest.get_by_role("button", name="Mark as read").click()
    expect(page.get_by_role("link", name="Notifications, 1 unread")).to_be_visible()
    inbox.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_role("link", name="Notifications, 0 unread")).to_be_visible()
    assert watched.complaints == []


def test_what_was_told_before_the_page_could_listen_comes_later(
    site: Site, page: Page, watched: Watched
) -> None:
    add_customer(site.app, 7, EMAIL)
    tell(site.app, points=1)
    sign_in(page, site, EMAIL, "/me")

    def tell_and_load(route: Route) -> None:
        tell(site.app, points=2)
        route.continue_()

    page.route("**/socket.io.min.js*", tell_and_load)
    page.goto(f"{site.address}/me")
    expect(page.get_by_role("link", name="Notifications, 2 unread")).to_be_visible()
    inbox = page.get_by_role("region", name="Notifications")
    expect(inbox.get_by_role("listitem")).to_have_count(2)
    expect(inbox.get_by_role("listitem").first).to_contain_text("brought you 2 points")
    assert watched.complaints == []


def test_what_was_told_while_the_page_was_away_comes_later(site: Site, page: Page, watched: Watched) -> None:
    add_customer(site.app, 7, EMAIL)
    sign_in(page, site, EMAIL, "/me")
    wait_until(lambda: page.locator("[data-bell=on]").count() == 1, what="the channel")
    site.app.extensions["live"].close_all()
    tell(site.app)
    expect(page.get_by_role("link", name="Notifications, 1 unread")).to_be_visible()
    expect(page.get_by_role("region", name="Notifications").get_by_role("listitem")).to_have_count(1)
    assert watched.complaints == []
