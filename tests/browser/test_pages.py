"""What scripts add to the staff's pages."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, Watched, sign_in
from tests.browser.test_main_road import capture


def test_the_generator_marks_what_is_wrong_and_shows_no_link(
    site: Site, page: Page, watched: Watched
) -> None:
    sign_in(page, site)
    page.goto(f"{site.address}/tracking-admin")
    field, link = page.get_by_label("Partner or source"), page.locator("#tracking-link")
    field.fill("lumen")
    expect(link).to_contain_text("ref=lumen")
    field.fill("lumen podcast")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description("Use letters, digits, _ and -, at most 255")
    expect(link).to_be_empty()
    expect(page.get_by_role("button", name="Copy link")).to_be_hidden()
    field.fill("lumen")
    expect(field).not_to_have_attribute("aria-invalid", "true")
    expect(link).to_contain_text("ref=lumen")
    expect(page.get_by_text("This is WIHY's own address")).to_be_visible()
    page.get_by_label("Where it leads").fill("https://shop.example/")
    expect(page.get_by_text("This is WIHY's own address")).to_be_hidden()
    assert watched.complaints == []


def test_the_dot_beside_the_count_follows_the_pause(site: Site, page: Page) -> None:
    capture(site)
    sign_in(page, site)
    dot = page.locator("[data-live-dot]")
    page.get_by_role("button", name="Pause").click()
    expect(dot).to_contain_class("is-away")
    page.get_by_role("button", name="Go on").click()
    expect(dot).not_to_contain_class("is-away")


def test_the_last_day_is_not_before_the_first(site: Site, page: Page) -> None:
    capture(site)
    sign_in(page, site)
    page.locator("summary", has_text="28 days").first.click()
    page.get_by_label("From").fill("2026-11-10")
    page.get_by_label("To", exact=True).fill("2026-11-01")
    page.get_by_role("button", name="Show these days").click()
    assert page.get_by_label("To", exact=True).evaluate("field => field.validity.rangeUnderflow")
    assert "from=" not in page.url


def test_the_help_for_keys_opens_beside_the_section_of_keys(site: Site, page: Page) -> None:
    sign_in(page, site)
    page.goto(f"{site.address}/settings")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


def test_without_the_chart_library_the_table_stands(site: Site, page: Page) -> None:
    capture(site)
    page.route("**/chart.umd.min.js*", lambda route: route.abort())
    sign_in(page, site)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.reload()
    expect(page.get_by_role("region", name="Clicks, as a table")).to_be_visible()
    assert errors == []


def test_the_chart_s_table_fits_a_phone(site: Site, page: Page) -> None:
    capture(site)
    sign_in(page, site)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site.address}/tracking-dashboard?period=28d")
    page.locator(".chart-table > summary").click()
    table = page.locator(".chart-table .scroll")
    assert table.evaluate("box => box.scrollWidth <= box.clientWidth")
