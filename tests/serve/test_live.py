"""Sockets through nginx: held by `live`, told by `web`, closed with their session."""

import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import chromium as chromium
from tests.browser.conftest import context as context
from tests.browser.conftest import page as page
from tests.browser.conftest import watched as watched
from tests.live.listener import Refused, listening, status_of_handshake
from tests.serve.stack import ADMIN, PASSWORD, Stack

pytestmark = pytest.mark.xdist_group("production")

SECOND_MS = 1_000


def test_a_click_at_web_reaches_a_socket_of_live(stack: Stack) -> None:
    with listening(stack.port, token=stack.token()) as page:
        stack.wait_for_subscription()
        began = time.monotonic()
        _, event_id = stack.capture()
        name, payload = page.next(2)
        assert time.monotonic() - began < 1
    assert name == "tracking:captured"
    assert payload["events"][0]["id"] == event_id


def test_signing_out_closes_the_socket_at_once(stack: Stack) -> None:
    token, other_token = stack.token(), stack.token()
    with listening(stack.port, token=token) as page, listening(stack.port, token=other_token) as other:
        stack.wait_for_subscription()
        headers = {"Authorization": f"Bearer {token}"}
        assert stack.ask("POST", "/api/auth/logout", headers=headers)[0] == 200
        assert page.is_closed(3)
        assert not other.is_closed(0.3)


def test_strangers_and_other_sites_are_refused(stack: Stack) -> None:
    with pytest.raises(Refused, match="Unauthorized"), listening(stack.port):
        pass
    assert status_of_handshake(stack.port, {"Origin": "https://evil.example"}) == 400
    assert status_of_handshake(stack.port, {"Origin": f"http://127.0.0.1:{stack.port}"}) == 101


def test_an_open_dashboard_follows(stack: Stack, page: Page) -> None:
    """Chromium keeps secure cookies of localhost, as of a site with TLS."""
    stack.capture(campaign="before")
    sign_in(stack, page)
    stack.wait_for_subscription()
    expect(page.get_by_role("cell", name="before").first).to_be_visible()
    stack.capture(campaign="live_from_web")
    expect(page.get_by_role("cell", name="live_from_web").first).to_be_visible(timeout=2 * SECOND_MS)


def sign_in(stack: Stack, page: Page) -> None:
    """Sign in as the admin, and wait for the open socket."""
    page.goto(f"http://localhost:{stack.port}/login")
    page.get_by_label("E-mail").fill(ADMIN)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    with page.expect_websocket(
        lambda socket: socket.url.startswith(f"ws://localhost:{stack.port}/socket.io/")
    ):
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/tracking-dashboard")
