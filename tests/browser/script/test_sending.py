"""How the client script sends: at once, while a page is left, or later; and when it does not."""

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.conftest import Site, Watched
from tests.browser.script.conftest import QUEUED, Visit, kept, settled, stored, stored_in_time
from tests.browser.script.marketed import Marketed
from tests.conftest import MakeApp
from tests.servers.web import running
from wihy.core.ids import new_id

# what a browser does is the same on every database
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


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
    visit(f"/?ref=lumen&wihy_id={new_id()}")
    page.locator("#shop").click()
    page.wait_for_url("**/shop?item=1")
    if is_told_otherwise:
        stored_in_time(site.app, 2)
    else:
        assert kept(page) == {}
        assert stored(site.app) == []
    page.go_back()
    assert page.url.endswith("/?ref=lumen")


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
