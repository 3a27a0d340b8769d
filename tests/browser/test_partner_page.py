"""A partner's open page: it fills by itself, and empties when the link that opened it ends."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, Watched, sign_in
from tests.live.conftest import capture as announce
from tests.live.conftest import event
from tests.servers.processes import wait_until
from wihy.core.database import transaction
from wihy.partners.service import add_partner, revoke_partner

NAME = "trailhead_weekly"


def opened(site: Site, page: Page) -> None:
    """Open the page by its link."""
    with site.app.app_context(), transaction():
        token = add_partner(NAME, "Trailhead Weekly", None, None).token
    page.goto(f"{site.address}/engagement/{NAME}?token={token}")
    expect(page.get_by_role("heading", name="Your link")).to_be_visible()
    assert token not in page.url


def listening(site: Site) -> None:
    """Wait until the page listens."""
    door = site.app.extensions["live"].door
    wait_until(lambda: any(visit.page for visit in door.visits()), what="the page's socket")


def test_a_page_whose_link_is_revoked_says_so_and_shows_no_figures(site: Site, page: Page) -> None:
    opened(site, page)
    listening(site)
    with site.app.app_context(), transaction():
        revoke_partner(NAME)
    expect(page.get_by_role("heading", name="This link was withdrawn")).to_be_visible()
    expect(page.get_by_text("Clicks")).to_have_count(0)


def test_a_page_hears_what_is_captured_for_it(site: Site, page: Page, watched: Watched) -> None:
    opened(site, page)
    listening(site)
    with page.expect_response(lambda answer: "part=figures" in answer.url):
        announce(site.app, event(NAME))
    assert watched.complaints == []


def test_the_qr_code_follows_the_chosen_campaign(site: Site, page: Page) -> None:
    opened(site, page)
    page.locator("summary", has_text="New name").click()
    page.get_by_role("textbox", name="Campaign").fill("spring")
    page.get_by_role("button", name="Make this link").click()
    code = page.get_by_alt_text("The link as a QR code")
    expect(code).to_have_attribute("src", f"/engagement/{NAME}/qr.svg?campaign=spring")
    assert code.evaluate("picture => picture.decode().then(() => picture.naturalWidth > 0)")


def test_charts_are_printed_in_light_colours(site: Site, page: Page) -> None:
    colour = "Chart.getChart(document.querySelector('canvas'))?.data.datasets[0].borderColor"
    page.emulate_media(color_scheme="dark")
    opened(site, page)
    wait_until(lambda: page.evaluate(colour), what="the chart")
    page.evaluate(f"addEventListener('beforeprint', () => {{ window.printed = {colour} }})")
    on_screen = page.evaluate(colour)
    page.pdf()
    printed = page.evaluate("window.printed")
    assert printed != on_screen
    wait_until(lambda: page.evaluate(colour) == on_screen, what="the colours of the screen")
    page.emulate_media(color_scheme="light")
    wait_until(lambda: page.evaluate(colour) == printed, what="the light colours")


def test_staff_add_a_partner_and_copy_the_link(site: Site, page: Page, watched: Watched) -> None:
    sign_in(page, site)
    page.get_by_role("link", name="Partners", exact=True).click()
    page.get_by_label("Tracking id").fill(NAME)
    page.get_by_role("button", name="Add partner").click()
    expect(page.locator("#new-link")).to_contain_text(f"/engagement/{NAME}?token=")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert watched.complaints == []
