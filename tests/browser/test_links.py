"""The links page with scripts: what is typed is what is drawn, saved and copied."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, Watched, sign_in


def test_what_is_typed_is_drawn_and_saved(site: Site, page: Page, watched: Watched) -> None:
    sign_in(page, site)
    page.goto(f"{site.address}/tracking-admin")
    expect(page.get_by_role("button", name="Save")).to_be_hidden()
    page.get_by_label("Where it leads").fill("https://shop.example/a?b=1")
    page.get_by_label("Campaign").fill("autumn & winter")
    page.get_by_label("Partner or source").fill("lumen")
    code = page.get_by_role("img", name="QR code of your link")
    expect(code).to_be_visible()
    expect(code).to_have_attribute(
        "src",
        "/tracking-admin/qr.svg?referrer=lumen&campaign=autumn+%26+winter"
        "&source=&target=https%3A%2F%2Fshop.example%2Fa%3Fb%3D1",
    )
    expect(code).to_have_js_property("complete", True)
    assert code.evaluate("code => code.naturalWidth") > 0
    page.get_by_label("Save as short link").fill("trail")
    page.get_by_role("button", name="Save").click()
    row = page.get_by_role("row", name="trail")
    expect(row).to_contain_text("autumn & winter")
    row.get_by_title("QR code").click()
    expect(row.get_by_role("link", name="PNG")).to_have_attribute("href", "/api/tracking/links/trail/qr.png")
    expect(row.get_by_role("img", name="QR code of localhost/l/trail")).to_have_js_property("complete", True)
    row.get_by_role("button", name="Archive trail").click()
    expect(page.get_by_text("No saved links yet")).to_be_visible()
    page.get_by_role("link", name="Archived").click()
    page.get_by_role("button", name="Let trail lead again").click()
    assert watched.complaints == []


def test_a_name_that_is_typed_is_free_or_taken(site: Site, page: Page, watched: Watched) -> None:
    sign_in(page, site)
    page.goto(f"{site.address}/tracking-admin?referrer=lumen")
    name, hint = page.get_by_label("Save as short link"), page.locator("#save-slug-state")
    name.fill("trail")
    expect(hint).to_have_text("free")
    page.get_by_role("button", name="Save").click()
    page.goto(f"{site.address}/tracking-admin?referrer=lumen")
    for typed, said in (("trail", "taken"), ("Trail", "free"), ("Links", "not allowed"), ("tr", "")):
        name.fill(typed)
        expect(hint).to_have_text(said)
    assert watched.complaints == []


def test_the_list_fits_a_phone(site: Site, page: Page, watched: Watched) -> None:
    sign_in(page, site)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site.address}/tracking-admin?referrer={'r' * 255}&campaign={'c' * 255}")
    page.get_by_label("Save as short link").fill("s" * 64)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row", name="s" * 64)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_title("Change").click()
    page.wait_for_url(f"**/links/{'s' * 64}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert watched.complaints == []
