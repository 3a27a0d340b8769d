"""How the pages stand in every look: readable for all, no wider than the screen, light to load, whole without scripts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, ViewportSize, expect

from tests.browser.axe import violations
from tests.browser.conftest import Site, sign_in
from tests.browser.test_main_road import capture
from tests.conftest import add_customer
from wihy.core.database import transaction
from wihy.customers.records import put_records
from wihy.customers.schemas import NamedRecord
from wihy.links.service import NewLink, create_link
from wihy.notifications.service import notify
from wihy.notifications.words import TEMPLATES, Words
from wihy.partners.service import add_partner, end_after, revoke_partner
from wihy.points.queries import list_entries
from wihy.points.service import SUPPORT_INTERACTION, award, reverse

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # they look alike on all

ARABIC = ("نادي العدائين في الجبال العالية " * 8)[:255]
LONG_ID = "L" * 255
EVERYBODY = STRANGER, STAFF, CUSTOMER = "stranger", "staff", "customer"
CUSTOMERS = (f"{'e' * 240}@example.org", "bob@example.org")
HEAVIEST_PAGE = 300 * 1024
TOO_WIDE = """() => {
  const screen = document.documentElement;
  if (screen.scrollWidth <= screen.clientWidth) return [];
  const isOut = (one) => one.getBoundingClientRect().right > screen.clientWidth;
  return [...document.querySelectorAll("body *")].filter(isOut).map((one) => one.outerHTML.slice(0, 80));
}"""
WIDE, PHONE = ViewportSize(width=1440, height=900), ViewportSize(width=390, height=844)


@dataclass
class Stage:
    """A site with something on every page, and what opens the partners' pages, by name."""

    site: Site
    tokens: dict[str, str]

    @property
    def staff_pages(self) -> list[str]:
        """What staff look at."""
        return [
            f"/tracking-admin?referrer={LONG_ID}&campaign=autumn",
            "/tracking-admin?links=archived",
            f"/tracking-admin/links/{'s' * 64}",
            "/tracking-admin/partners",
            "/tracking-admin/partners?q=nobody",
            "/tracking-dashboard",
            "/tracking-dashboard/shares",
            f"/why?q={quote(ARABIC)}",
            f"/why?q={LONG_ID}",
            "/engagement/anna",
            "/customers",
            "/customers?q=nobody",
            "/customers/7",
            "/customers/8",
            "/audit",
            "/audit?from=2026-03-11&to=2026-03-10",
        ]

    @property
    def public_pages(self) -> list[str]:
        """What strangers and partners look at: first without a link, then with one."""
        return [
            "/engagement/anna",
            "/engagement/anna?token=wrong",
            f"/engagement/{LONG_ID}?token=wrong",
            *(f"/engagement/{name}?token={token}" for name, token in self.tokens.items()),
            "/reset-password",
            "/reset-password?token=wrong",
        ]


@pytest.fixture
def stage(site: Site, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Partners, links and customers with the longest texts there can be, and the shortest."""
    with site.app.app_context(), transaction():
        year = end_after(365)
        tokens = {
            "anna": add_partner("anna", ARABIC, "anna@example.org", year, "fr").token,
            LONG_ID: add_partner(LONG_ID, "N" * 255, f"{'e' * 240}@example.org", None).token,
            "empty": add_partner("empty", None, None, year).token,
            "expired": add_partner("expired", None, None, end_after(-1)).token,
            "revoked": add_partner("revoked", None, None, year).token,
        }
        revoke_partner("revoked")
        create_link(
            NewLink(
                slug="s" * 64,
                referrer=LONG_ID,
                campaign=ARABIC,
                target=f"https://{'h' * 60}.example/{'p' * 900}",
            )
        )
        create_link(NewLink(slug="short", referrer="anna", target="https://shop.example/"))
    for number, email in enumerate(CUSTOMERS, start=7):
        add_customer(site.app, number, email, display_name=ARABIC if number == 7 else None)
    with site.app.app_context(), transaction():
        records = (
            {"kind": "ride", "id": 1, "status": "S" * 64, "details": {"to": LONG_ID * 9}},
            {"kind": "in_dining_order", "id": 2_147_483_647, "details": {ARABIC: [1]}},
            {"kind": "booking", "id": 1},
        )
        put_records([NamedRecord.model_validate({"customerId": 7, **record}) for record in records])
    monkeypatch.setitem(TEMPLATES, "named", lambda details, _: Words(details["name"], details["name"]))
    with site.app.app_context(), transaction():
        for name in ("a",) * 100 + (LONG_ID, ARABIC):
            notify(7, "named", {"name": name})
        for number in range(12):  # the last is over the day's limit of credit
            award(7, SUPPORT_INTERACTION, f"{ARABIC[:250]}{number}")
        reverse(7, list_entries(7, limit=9).entries[8].entry.id, ARABIC)
    for referrer in ("anna", LONG_ID):
        capture(site, referrer=referrer, campaign=ARABIC, landingPage=f"/{'p' * 900}")
        outbound = {
            "eventType": "outbound",
            "originalSource": referrer,
            "destinationUrl": f"https://{'d' * 60}.example/",
        }
        capture(site, referrer=referrer, campaign="c" * 255, **outbound)
    return Stage(site, tokens)


@contextmanager
def browsing(
    chromium: Browser, size: ViewportSize, theme: str = "light", *, scripts: bool = True
) -> Iterator[BrowserContext]:
    """Yield a browser of somebody new."""
    with chromium.new_context(viewport=size, color_scheme=theme, java_script_enabled=scripts) as context:  # type: ignore[arg-type]
        context.set_default_timeout(20_000)
        yield context


def visits(
    stage: Stage,
    who: str,
    chromium: Browser,
    size: ViewportSize,
    theme: str = "light",
    *,
    scripts: bool = True,
) -> Iterator[Page]:
    """Yield every page that `who` sees, one after the other."""
    if who == CUSTOMER:
        yield from customers_visits(stage, chromium, size, theme, scripts=scripts)
        return
    with browsing(chromium, size, theme, scripts=scripts) as context:
        page = context.new_page()
        if who == STAFF:
            sign_in(page, stage.site)
        for path in stage.staff_pages if who == STAFF else stage.public_pages:
            page.goto(f"{stage.site.address}{path}")
            yield page


def customers_visits(
    stage: Stage, chromium: Browser, size: ViewportSize, theme: str, *, scripts: bool
) -> Iterator[Page]:
    """Yield the first page of customers with much and with little."""
    for email in CUSTOMERS:
        with browsing(chromium, size, theme, scripts=scripts) as context:
            page = context.new_page()
            sign_in(page, stage.site, email, "/me")
            yield page


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("who", EVERYBODY)
def test_axe_finds_nothing_and_nothing_is_too_wide(
    stage: Stage, who: str, chromium: Browser, size: ViewportSize, theme: str
) -> None:
    for page in visits(stage, who, chromium, size, theme):
        page.locator("html.js").wait_for()
        for closed in page.locator("details:not(.menu):not([open])").all():
            closed.evaluate("one => one.open = true")
        assert violations(page) == [], page.url
        too_wide = page.evaluate(TOO_WIDE)
        assert too_wide == [], page.url


def test_no_page_is_heavy(stage: Stage, chromium: Browser) -> None:
    with browsing(chromium, WIDE) as context:
        sign_in(context.new_page(), stage.site)
        staff = context.storage_state()
    strangers = [(path, None) for path in stage.public_pages]
    for path, state in [*strangers, *((path, staff) for path in stage.staff_pages)]:
        with chromium.new_context(
            viewport=WIDE, storage_state=state
        ) as context:  # nothing is kept from before
            loaded: list[Request] = []
            page = context.new_page()
            page.on("requestfinished", lambda request, loaded=loaded: loaded.append(request))
            page.goto(f"{stage.site.address}{path}", wait_until="networkidle")
            weight = sum(request.sizes()["responseBodySize"] for request in loaded)
            assert 100_000 < weight <= HEAVIEST_PAGE, (path, weight)


@pytest.mark.parametrize("who", EVERYBODY)
def test_without_scripts_no_button_is_dead(stage: Stage, who: str, chromium: Browser) -> None:
    for page in visits(stage, who, chromium, WIDE, scripts=False):
        alive = page.locator("form button, form input[type=submit]")
        assert page.locator("button:visible").count() == alive.locator("visible=true").count(), page.url
        expect(page.locator("[data-copy]:visible")).to_have_count(0)


def test_without_scripts_links_and_partners_are_made(site: Site, chromium: Browser) -> None:
    with browsing(chromium, PHONE, scripts=False) as context:
        page = context.new_page()
        sign_in(page, site)
        page.goto(f"{site.address}/tracking-admin")
        page.get_by_label("Partner or source").fill("anna")
        page.get_by_role("button", name="Make the link").click()
        expect(page.locator("#tracking-link")).to_contain_text("ref=anna")
        page.get_by_label("Save as short link").fill("trail")
        page.get_by_role("button", name="Save").click()
        row = page.get_by_role("row", name="trail")
        row.get_by_role("button", name="Archive trail").click()
        expect(page.get_by_text("No saved links yet")).to_be_visible()
        page.goto(f"{site.address}/tracking-admin/partners")
        page.get_by_label("Tracking id").fill("anna")
        page.get_by_label("Language of their mails").select_option("Kiswahili")
        page.get_by_role("button", name="Add partner").click()
        first = page.locator("#new-link").inner_text()
        page.locator("summary", has_text="Manage").click()
        page.get_by_role("button", name="Make a new link").click()
        expect(page.locator("#new-link")).not_to_have_text(first)
        page.locator("summary", has_text="Manage").click()
        page.get_by_role("button", name="Revoke access").click()
        expect(page.get_by_text("opens nothing any more")).to_be_visible()
