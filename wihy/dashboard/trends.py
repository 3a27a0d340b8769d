"""Small curves beside the rows of a list."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, timedelta
from typing import Any

from wihy.analytics.service import daily_clicks_of_links
from wihy.core.clock import now

DAYS = 28
STEP = 2  # days a point: one for each day would only tremble
WIDTH, HEIGHT = 62, 18


def trends_of_links(slugs: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return for each saved link the curve of its clicks: of 28 days before today (UTC), which is not over."""
    end = now().astimezone(UTC).date()
    start = end - timedelta(days=DAYS)
    clicks = daily_clicks_of_links(slugs, start, end)
    return {slug: _trend(clicks.get(slug, {}), start) for slug in slugs}


def _trend(clicks: Mapping[date, int], start: date) -> dict[str, Any]:
    days = [clicks.get(start + timedelta(days=day), 0) for day in range(DAYS)]
    points = [sum(days[first : first + STEP]) for first in range(0, DAYS, STEP)]
    highest, width = max(points) or 1, WIDTH / (len(points) - 1)
    drawn = (f"{at * width:.1f},{HEIGHT * (1 - point / highest):.1f}" for at, point in enumerate(points))
    return {"points": " ".join(drawn), "clicks": sum(days)}
