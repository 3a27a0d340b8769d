"""`/docs` in Chromium: it draws the document and breaks no rule of its own policy."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, sync_playwright

from tests.servers.processes import find_program
from tests.servers.web import running


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of a real browser."""
    with sync_playwright() as playwright:
        options = {"executable_path": find_program("chromium"), "args": ["--no-sandbox"]}
        browser = playwright.chromium.launch(**options)  # type: ignore[arg-type]
        yield browser.new_page()
        browser.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_docs_are_drawn_without_a_breach(app: Flask, page: Page) -> None:
    if not (Path(app.static_folder or "") / "vendor" / "swagger-ui-bundle.js").is_file():
        pytest.skip("static/vendor is not installed")
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    with running(app) as port:
        page.goto(f"http://127.0.0.1:{port}/docs")
        page.wait_for_selector(".opblock", timeout=20_000)
        page.locator(".opblock-summary").first.click()
        page.wait_for_selector(".opblock-body", timeout=20_000)
        assert page.locator(".opblock").count() > 10
    assert complaints == []
