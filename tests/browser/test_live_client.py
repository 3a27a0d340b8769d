"""`static/js/live.js` in a customer's page: facts are heard once and in order, also those said while it was away."""

from playwright.sync_api import Page

from tests.browser.conftest import Site, Watched
from tests.conftest import add_customer
from tests.live.conftest import sign_in, tell_all
from tests.servers.processes import wait_until
from wihy.live.rooms import customer_room

ALICE = customer_room(7)
LISTEN = """async () => {
    const { connect } = await import("/static/js/live.js");
    window.seen = { heard: [], joined: 0, away: 0, back: 0, reloads: 0 };
    connect({
        heard: {
            counted: ({ number }, { room, sequence }) => window.seen.heard.push([number, room, sequence]),
            "live:joined": () => window.seen.joined++,
        },
        onBack: () => window.seen.back++,
        onAway: () => window.seen.away++,
        onReload: () => window.seen.reloads++,
    });
}"""


def heard(page: Page, numbers: list[int]) -> bool:
    """Wait until `page` has heard so many; whether it heard these, each at its place."""
    wait_until(lambda: len(page.evaluate("window.seen.heard")) >= len(numbers), what="the page")
    found = page.evaluate("window.seen.heard")
    return bool(found == [[number, ALICE, number] for number in numbers])


def test_facts_reach_a_page_of_a_customer(site: Site, page: Page, watched: Watched) -> None:
    add_customer(site.app, 7, "alice@example.org")
    token = sign_in(site.app, "alice@example.org")
    page.context.add_cookies([{"name": "wihy_session", "value": token, "url": site.address}])
    page.goto(f"{site.address}/me")
    page.add_script_tag(url="/static/vendor/socket.io.min.js")
    page.evaluate(LISTEN)
    wait_until(lambda: page.evaluate("window.seen.joined") == 1, what="the page")
    tell_all(site.app, ALICE, [1, 2])
    assert heard(page, [1, 2])
    site.app.extensions["live"].close_all()
    tell_all(site.app, ALICE, [3, 4, 5])
    assert heard(page, [1, 2, 3, 4, 5])
    wait_until(lambda: page.evaluate("window.seen.back") == 1, what="the page")
    tell_all(site.app, ALICE, [6])
    assert heard(page, [1, 2, 3, 4, 5, 6])
    assert page.evaluate("[window.seen.away, window.seen.reloads]") == [1, 0]
    assert watched.complaints == []
