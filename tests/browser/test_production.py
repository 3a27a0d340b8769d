"""A dashboard in Chromium before the whole of production: nginx, `web`, `live`, Redis."""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.serve.stack import ADMIN, PASSWORD, Stack, children, running_stack, servers
from tests.servers.postgresql import PostgreSQL
from tests.servers.redis import running_redis

SECOND_MS = 1_000


@pytest.fixture
def stack(tmp_path: Path, postgresql: PostgreSQL) -> Iterator[Stack]:
    """The whole behind nginx."""
    with running_redis() as redis_url, running_stack(tmp_path, postgresql, redis_url) as stack:
        yield stack


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
