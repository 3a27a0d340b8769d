"""The dashboard at a fixed moment: Wednesday, 18 December 2024, 12:00 UTC."""

from datetime import UTC, datetime

import pytest

from wihy.analytics import service as analytics
from wihy.dashboard import first_screen

NOW = datetime(2024, 12, 18, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The moment that pages take for now."""
    for module in (first_screen, analytics):
        monkeypatch.setattr(module, "now", lambda: NOW)
    return NOW
