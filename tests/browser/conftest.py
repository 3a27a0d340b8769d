"""Real Chromium in front of the real application."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.conftest import PASSWORD, MakeApp, add_user
from tests.servers.processes import find_program
from tests.servers.web import running

ARGUMENTS = [
    "--no-sandbox",  # the tests may run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]


@dataclass
class Site:
    """The running application: where, and as what."""

    app: Flask
    address: str


@dataclass
class Watched:
    """What a page complained of."""

    complaints: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Note errors in scripts, of the content security policy, and of the server."""
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "response",
            lambda answer: (
                self.complaints.append(f"{answer.status} {answer.url}") if answer.status >= 500 else None
            ),
        )


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless Chromium."""
    program = find_program("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def site(make_app: MakeApp) -> Iterator[Site]:
    """The application on a port of its own, with ada among its users."""
    app = make_app()
    add_user(app, "ada@example.org", "admin")
    with running(app) as port:
        yield Site(app, f"http://localhost:{port}")


@pytest.fixture
def watched() -> Watched:
    """Notes what pages complain of."""
    return Watched()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser of somebody in Nairobi."""
    context = chromium.new_context(
        viewport={"width": 1440, "height": 900}, timezone_id="Africa/Nairobi", locale="en-GB"
    )
    context.set_default_timeout(20_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, watched: Watched) -> Page:
    """A page that is watched."""
    page = context.new_page()
    watched.watch(page)
    return page


def sign_in(
    page: Page, site: Site, email: str = "ada@example.org", lands_on: str = "/tracking-dashboard"
) -> None:
    """Sign in as ada, or as somebody else who lands elsewhere."""
    page.goto(f"{site.address}/login")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{lands_on}")
