"""The client script in real Chromium, on pages of another origin than WIHY's."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import select
from uuid6 import uuid7

from tests.browser.conftest import Site, Watched
from tests.browser.marketed import Marketed, running_site
from tests.conftest import MakeApp, add_user, signed_in
from tests.links.saving import save
from tests.servers.processes import wait_until
from tests.servers.web import running
from tests.tracking.captures import BROWSER
from wihy.core.database import db
from wihy.tracking.models import Event

# what a browser does is the same on every database
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

QUEUED = "Object.keys(localStorage).filter(key => key.startsWith('wihy_queue:')).length"


@pytest.fixture
def marketed() -> Iterator[Marketed]:
    """The marketed site."""
    with running_site() as site:
        yield site


@pytest.fixture
def site(make_app: MakeApp, marketed: Marketed) -> Iterator[Site]:
    """WIHY, which knows the marketed site."""
    app = make_app(ALLOWED_ORIGINS=marketed.address, SITE_URL=marketed.address)
    with running(app) as port:
        marketed.wihy = f"http://localhost:{port}"
        yield Site(app, marketed.wihy)


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser that does not say it has no head: it would be a bot."""
    context = chromium.new_context(user_agent=BROWSER)
    context.set_default_timeout(30_000)
    yield context
    context.close()


@pytest.fixture
def visit(site: Site, page: Page, marketed: Marketed) -> Callable[[str], None]:
    """Opens a page of the marketed site, and waits until what it queued is answered."""

    def visit(path: str) -> None:
        page.goto(marketed.address + path)
        settled(page)

    return visit


def settled(page: Page) -> None:
    """Wait until nothing is queued."""
    page.wait_for_function(f"{QUEUED} === 0")


def stored(app: Flask) -> list[Event]:
    with app.app_context():
        return list(db.session.scalars(select(Event).order_by(Event.timestamp, Event.id)))


def stored_in_time(app: Flask, count: int) -> list[Event]:
    """Return the events as soon as there are so many, which must then be all."""
    wait_until(lambda: len(stored(app)) >= count, what=f"{count} events")
    found = stored(app)
    assert len(found) == count
    return found


def kept(page: Page) -> dict[str, Any]:
    """Return what the page's origin has in the browser."""
    found: dict[str, Any] = page.evaluate("({...sessionStorage, ...localStorage})")
    return found


Visit = Callable[[str], None]


def test_a_visit_through_a_link_counts_once_a_session(
    site: Site, page: Page, visit: Visit, watched: Watched
) -> None:
    visit("/about?ref=partner_john&utm_campaign=autumn&utm_source=wihy#team")
    [event] = stored(site.app)
    assert (event.referrer, event.campaign, event.original_source) == (
        "partner_john",
        "autumn",
        "partner_john",
    )
    assert (event.event_type, event.is_bot, event.new_visitor) == ("inbound", False, True)
    assert event.landing_page == f"{page.url.split('?')[0]}"
    assert event.session_id == kept(page)["wihy_session"]
    page.reload()
    visit("/other")
    visit("/about?ref=partner_john&utm_campaign=autumn&utm_source=wihy")
    assert len(stored(site.app)) == 1
    visit("/about?ref=partner_john&campaign=winter")
    visit("/about?ref=lumen&utm_source=newsletter")
    assert [(one.referrer, one.campaign, one.original_source) for one in stored(site.app)[1:]] == [
        ("partner_john", "winter", "partner_john"),
        ("lumen", "direct", "partner_john"),
    ]
    assert kept(page)["wihy_original_source"] == "partner_john"
    assert kept(page)["wihy_original_campaign"] == "autumn"
    assert watched.complaints == []


def test_a_source_of_its_own_is_the_original_one(site: Site, visit: Visit) -> None:
    visit("/?ref=lumen&campaign=a&utm_source=newsletter")
    [event] = stored(site.app)
    assert (event.referrer, event.original_source) == ("lumen", "newsletter")


@pytest.mark.parametrize("asked", ["", "?utm_source=newsletter", "?ref=not%20an%20id", "?ref="])
def test_other_visits_count_nothing_and_leave_nothing(
    site: Site, page: Page, visit: Visit, asked: str
) -> None:
    visit(f"/{asked}")
    assert kept(page) == {}
    assert stored(site.app) == []


def test_a_saved_link_counts_once_and_a_copied_address_anew(
    site: Site, page: Page, marketed: Marketed, chromium: Browser, watched: Watched
) -> None:
    add_user(site.app, "ada@example.org", "admin")
    save(
        signed_in(site.app, "ada@example.org"), slug="trail", target=f"{marketed.address}/autumn?a=b%20c#top"
    )
    page.goto(f"{site.address}/l/trail")
    settled(page)
    address = page.url
    [event] = stored(site.app)
    assert event.link_slug == "trail"
    assert "wihy_id" not in address
    assert address.endswith(
        "/autumn?a=b+c&ref=lumen&utm_campaign=autumn&utm_source=wihy&utm_medium=referral#top"
    )
    sent = parse_qs(urlsplit(next(path for path in marketed.opened if "wihy_id" in path)).query)
    assert sent["wihy_id"] == [str(event.id)]
    page.reload()
    settled(page)
    assert len(stored(site.app)) == 1
    with_copy = chromium.new_context()
    other = with_copy.new_page()
    other.goto(address)
    settled(other)
    with_copy.close()
    assert [one.link_slug for one in stored_in_time(site.app, 2)] == ["trail", None]
    assert watched.complaints == []


@pytest.mark.parametrize(("hours", "is_same"), [(0, True), (-2, False)])
def test_an_id_holds_for_an_hour(site: Site, page: Page, visit: Visit, hours: int, is_same: bool) -> None:
    event_id = UUID(int=uuid7().int + (hours * 3_600_000 << 80))
    visit(f"/?wihy_id={event_id}&ref=lumen&a=1")
    [event] = stored(site.app)
    assert (event.id == event_id) is is_same
    assert page.url.endswith("/?ref=lumen&a=1")


@pytest.mark.parametrize(
    ("link", "referrer", "campaign", "path"),
    [
        ("#shop", "partner_john", "autumn", "/shop?item=1"),
        ("#named", "lumen", "footer", "/shop"),
        ("#inner", "partner_john", "autumn", "/inner"),
    ],
)
def test_an_outbound_click_counts_though_the_page_is_left(
    site: Site,
    page: Page,
    visit: Visit,
    marketed: Marketed,
    link: str,
    referrer: str,
    campaign: str,
    path: str,
) -> None:
    visit("/?ref=partner_john&campaign=autumn")
    page.locator(link).click()
    page.wait_for_url(f"**{path}")
    event = stored_in_time(site.app, 2)[1]
    assert (event.event_type, event.destination_url) == ("outbound", marketed.address + path)
    assert (event.referrer, event.original_source, event.campaign) == (referrer, "partner_john", campaign)
    settled(page)
    assert len(stored(site.app)) == 2


def test_who_came_by_no_link_goes_on_as_direct(site: Site, page: Page, visit: Visit) -> None:
    visit("/")
    page.locator("#unmarked").click()
    page.wait_for_url("**/unmarked")
    page.locator("#shop").click(button="middle")
    [event] = stored_in_time(site.app, 1)
    assert (event.referrer, event.original_source, event.campaign) == ("direct", "direct", "outbound_click")


def test_a_browser_without_keepalive_sends_a_beacon(
    site: Site, page: Page, visit: Visit, watched: Watched
) -> None:
    page.add_init_script("delete Request.prototype.keepalive")
    kinds: list[str] = []
    page.on("request", lambda sent: kinds.append(sent.resource_type) if "/capture" in sent.url else None)
    visit("/?ref=partner_john")
    page.locator("#shop").click()
    page.wait_for_url("**/shop?item=1")
    settled(page)  # nobody had answered the beacon, so the next page has asked: it is there already
    assert kinds == ["fetch", "ping", "fetch"]
    assert [event.event_type for event in stored_in_time(site.app, 2)] == ["inbound", "outbound"]
    assert watched.complaints == []


def test_what_happens_offline_is_sent_together_later(
    site: Site, page: Page, context: BrowserContext, visit: Visit
) -> None:
    visit("/")
    context.set_offline(True)
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url) if "/capture" in sent.url else None)
    page.evaluate(
        "for (let n = 0; n < 60; n++) wihy.trackOutboundClick('lumen', `https://shop.example/${n}`)"
    )
    assert page.evaluate(QUEUED) == 60
    assert asked == []
    page.evaluate(  # as if the first had been queued two hours ago
        "key = Object.keys(localStorage).find(key => key.startsWith('wihy_queue:'));"
        "[at, event] = JSON.parse(localStorage[key]);"
        "localStorage[key] = JSON.stringify([at - 72e5, event])"
    )
    context.set_offline(False)
    settled(page)
    assert asked == [f"{site.address}/api/tracking/capture/batch"] * 2
    events = stored(site.app)
    assert len(events) == 60
    assert len({event.destination_url for event in events}) == 60
    assert 7_100 < (events[1].timestamp - events[0].timestamp).total_seconds() < 7_300


def test_what_no_server_answers_is_sent_by_the_next_page(
    make_app: MakeApp, marketed: Marketed, page: Page
) -> None:
    app = make_app(ALLOWED_ORIGINS=marketed.address)
    with running(app) as port:
        marketed.wihy = f"http://localhost:{port}"
        page.goto(marketed.address)
    page.evaluate("wihy.captureTracking('?ref=lumen&campaign=away')")
    page.wait_for_function(f"{QUEUED} === 1")
    with running(app) as port:
        marketed.wihy = f"http://localhost:{port}"
        page.goto(f"{marketed.address}/other")
        settled(page)
        [event] = stored(app)
        assert (event.referrer, event.campaign) == ("lumen", "away")


def test_what_is_refused_for_now_waits(site: Site, page: Page, visit: Visit) -> None:
    limited = site.app.extensions["settings"]
    site.app.extensions["settings"] = limited.model_copy(update={"rate_limit_capture": 1})
    visit("/?ref=lumen&campaign=first")
    with page.expect_response("**/capture") as refused:
        page.evaluate("wihy.captureTracking('?ref=lumen&campaign=second')")
    assert refused.value.status == 429
    assert page.evaluate(QUEUED) == 1
    assert [event.campaign for event in stored(site.app)] == ["first"]
    site.app.extensions["settings"] = limited
    visit("/other")
    assert [event.campaign for event in stored(site.app)] == ["first", "second"]


def test_what_can_never_be_stored_is_not_kept(site: Site, page: Page, visit: Visit) -> None:
    visit("/")
    page.evaluate("wihy.trackOutboundClick('no id', 'https://shop.example/')")
    settled(page)
    page.evaluate("localStorage['wihy_queue:x'] = 'broken'")
    visit("/other")
    assert stored(site.app) == []


@pytest.mark.parametrize(("attributes", "is_told_otherwise"), [("", False), ('data-gpc="ignore"', True)])
def test_global_privacy_control_is_honoured(
    site: Site, page: Page, visit: Visit, marketed: Marketed, attributes: str, is_told_otherwise: bool
) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})")
    marketed.attributes = attributes
    visit(f"/?ref=lumen&wihy_id={uuid7()}")
    page.locator("#shop").click()
    page.wait_for_url("**/shop?item=1")
    if is_told_otherwise:
        stored_in_time(site.app, 2)
    else:
        assert kept(page) == {}
        assert stored(site.app) == []
    page.go_back()
    assert page.url.endswith("/?ref=lumen")


def test_a_page_may_decide_by_itself_when_to_capture(
    site: Site, page: Page, visit: Visit, marketed: Marketed
) -> None:
    marketed.attributes = 'data-auto="off"'
    visit("/?ref=lumen")
    assert stored(site.app) == []
    event_id = page.evaluate("wihy.captureTracking('?ref=lumen&campaign=route')")
    settled(page)
    [event] = stored(site.app)
    assert (str(event.id), event.campaign) == (event_id, "route")


def test_links_are_made_as_the_generator_makes_them(page: Page, visit: Visit, marketed: Marketed) -> None:
    marketed.attributes = 'data-destination="https://marketed.example/start"'
    visit("/")
    made = "ref=partner_john&utm_campaign=autumn&utm_source=wihy&utm_medium=referral"
    assert page.evaluate(
        "wihy.generateTrackingLink('partner_john', 'autumn', 'https://a.example/?b=1#c')"
    ) == (f"https://a.example/?b=1&{made}#c")
    assert page.evaluate("wihy.generateTrackingLink('partner_john')") == (
        "https://marketed.example/start?ref=partner_john&utm_source=wihy&utm_medium=referral"
    )


def test_where_the_browser_keeps_nothing_it_counts_all_the_same(
    site: Site, page: Page, marketed: Marketed, watched: Watched
) -> None:
    page.add_init_script(
        "for (const name of ['sessionStorage', 'localStorage'])"
        " Object.defineProperty(window, name, {get() { throw new DOMException('no', 'SecurityError') }})"
    )
    page.goto(f"{marketed.address}/?ref=lumen")
    page.evaluate("wihy.captureTracking()")
    stored_in_time(site.app, 1)
    assert watched.complaints == []
