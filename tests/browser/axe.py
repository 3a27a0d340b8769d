"""What axe-core finds: rules of WCAG that a program can check."""

import os
from typing import Any

import pytest
from playwright.sync_api import Page

from config import ROOT

SCRIPT = ROOT / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page) -> list[str]:
    """Return what is wrong with `page` as it stands: each rule with the element that breaks it."""
    if not SCRIPT.exists():
        message = "axe-core is not installed: run `npm ci --ignore-scripts` to run these tests too"
        if os.environ.get("CI"):
            pytest.fail(message, pytrace=False)
        pytest.skip(message)
    page.evaluate(SCRIPT.read_text())
    found: dict[str, Any] = page.evaluate("tags => axe.run({runOnly: tags})", TAGS)
    return [
        f"{rule['impact']} {rule['id']}: {node['html']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
