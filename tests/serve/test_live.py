"""Sockets through nginx: held by `live`, told by `web`, closed with their session."""

import os
import signal
import time
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import chromium as chromium
from tests.browser.conftest import context as context
from tests.browser.conftest import page as page
from tests.browser.conftest import watched as watched
from tests.live.listener import Refused, listening, status_of_handshake
from tests.serve.stack import ADMIN, PASSWORD, Stack, children, servers

pytestmark = pytest.mark.xdist_group("production")

SECOND_MS = 1_000


def test_a_click_at_web_reaches_a_socket_of_live(stack: Stack) -> None:
    with listening(stack.port, token=stack.token()) as page:
        stack.wait_for_subscription()
        took = []
        for _ in range(5):  # a machine may be busy once, not always
            began = time.monotonic()
            _, event_id = stack.capture()
            name, payload = page.next(30)
            took.append(time.monotonic() - began)
            assert name == "tracking:captured"
            assert payload["events"][0]["id"] == event_id
    assert min(took) < 1


def test_signing_out_closes_the_socket_at_once(stack: Stack) -> None:
    token, other_token = stack.token(), stack.token()
    with listening(stack.port, token=token) as page, listening(stack.port, token=other_token) as other:
        stack.wait_for_subscription()
        headers = {"Authorization": f"Bearer {token}"}
        assert stack.ask("POST", "/api/auth/logout", headers=headers)[0] == 200
        assert page.is_closed(15)
        assert not other.is_closed(0.3)


def test_strangers_and_other_sites_are_refused(stack: Stack) -> None:
    with pytest.raises(Refused, match="Unauthorized"), listening(stack.port):
        pass
    assert status_of_handshake(stack.port, {"Origin": "https://evil.example"}) == 400
    assert status_of_handshake(stack.port, {"Origin": f"http://127.0.0.1:{stack.port}"}) == 101


@dataclass
class Dashboard:
    """A dashboard in Chromium, and how often its socket was let in."""

    page: Page
    stack: Stack
    times_let_in: int = 0

    def __post_init__(self) -> None:
        self.page.on("websocket", lambda socket: socket.on("framereceived", self._note))

    def sign_in(self) -> None:
        """Sign in as the admin. Chromium keeps secure cookies of localhost as of a site with TLS."""
        self.page.goto(f"http://localhost:{self.stack.port}/login")
        self.page.get_by_label("E-mail").fill(ADMIN)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url("**/tracking-dashboard")

    def wait_until_let_in(self, times: int) -> None:
        """Return once its socket was let in so often, and hears what `web` says."""
        deadline = time.monotonic() + 60
        while self.times_let_in < times:
            assert time.monotonic() < deadline, "the socket was not let in"
            self.page.wait_for_timeout(50)
        self.stack.wait_for_subscription()

    def expect_campaign(self, name: str) -> None:
        """Check that `name` shows soon."""
        expect(self.page.get_by_role("cell", name=name).first).to_be_visible(timeout=20 * SECOND_MS)

    def _note(self, message: str | bytes) -> None:
        self.times_let_in += isinstance(message, str) and message.startswith("40")


def test_an_open_dashboard_follows_and_comes_back_after_live_did(stack: Stack, page: Page) -> None:
    dashboard = Dashboard(page, stack)
    stack.capture(campaign="at_first")
    dashboard.sign_in()
    dashboard.wait_until_let_in(1)
    dashboard.expect_campaign("at_first")
    stack.capture(campaign="while_open")
    dashboard.expect_campaign("while_open")
    for worker in children(servers(stack)["live"]):
        os.kill(worker, signal.SIGKILL)
    dashboard.wait_until_let_in(2)
    stack.capture(campaign="after_the_end")
    dashboard.expect_campaign("after_the_end")
