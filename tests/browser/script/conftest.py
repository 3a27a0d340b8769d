"""Pages of another origin than WIHY's, which include the client script, in real Chromium."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import select

from tests.browser.conftest import Site
from tests.browser.script.marketed import Marketed, running_site
from tests.conftest import MakeApp
from tests.servers.processes import wait_until
from tests.servers.web import running
from tests.tracking.captures import BROWSER
from wihy.core.database import db
from wihy.tracking.models import Event

QUEUED = "Object.keys(localStorage).filter(key => key.startsWith('wihy_queue:')).length"
Visit = Callable[[str], None]


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
def visit(site: Site, page: Page, marketed: Marketed) -> Visit:
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
