"""`/docs` in Chromium: it draws the document and breaks no rule of its own policy."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from config import ROOT
from tests.browser.conftest import Site, Watched


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_docs_are_drawn_without_a_breach(site: Site, page: Page, watched: Watched) -> None:
    assert Path(ROOT / "static" / "vendor" / "swagger-ui-bundle.js").is_file(), "run `make install` first"
    page.goto(f"{site.address}/docs")
    page.wait_for_selector(".opblock", timeout=20_000)
    page.locator(".opblock-summary").first.click()
    expect(page.locator(".opblock-body").first).to_be_visible()
    assert page.locator(".opblock").count() > 10
    assert watched.complaints == []
