"""Figures in the shape that templates take: tiles and charts."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from wihy.analytics.figures import Figures

TILES: Mapping[str, tuple[str, str, Callable[[Figures], int]]] = {
    "clicks": ("Clicks", "Arrivals through a tracked link", lambda figures: figures.clicks),
    "conversions": (
        "Conversions",
        "Onward clicks, credited to who first brought the visitor",
        lambda figures: figures.conversions,
    ),
    "rate": ("Conversion rate", "Conversions for each 100 clicks", lambda figures: figures.conversion_rate),
    "visitors": (
        "Visitors",
        "Visitors are counted once a day, where they came first",
        lambda figures: figures.visitors,
    ),
    "events": ("Events", "Clicks and conversions together", lambda figures: figures.events),
}
AMBER = ("conversions", "rate")


class Dated(Protocol):
    """A point of a series."""

    @property
    def at(self) -> datetime:
        """Where it begins."""

    @property
    def figures(self) -> Figures:
        """What was counted."""


def value_of(metric: str, figures: Figures) -> int:
    """Return the figure that the tile `metric` shows."""
    return TILES[metric][2](figures)


def previous_of(metric: str, before: Figures | None) -> int | None:
    """Return what `metric` was before; a rate of no clicks is unknown."""
    if before is None or (metric == "rate" and not before.clicks):
        return None
    return value_of(metric, before)


def unit_of(metric: str) -> str:
    """Return how the tile `metric` counts: `number`, or `percent`."""
    return "percent" if metric == "rate" else "number"


def tiles_of(
    figures: Figures,
    previous: Figures | None,
    metrics: Sequence[str] = tuple(TILES),
    *,
    url_of: Callable[[str], str] | None = None,
    current: str | None = None,
) -> list[dict[str, Any]]:
    """Return the tiles of `metrics`; `url_of` leads to the page with another one as the chart's."""
    return [
        {
            "key": metric,
            "label": TILES[metric][0],
            "title": TILES[metric][1],
            "value": value_of(metric, figures),
            "unit": unit_of(metric),
            "previous": previous_of(metric, previous),
            "compared": previous is not None,
            "url": url_of(metric) if url_of else None,
            "current": metric == current,
        }
        for metric in metrics
    ]


def chart_of(
    metric: str,
    points: Sequence[Dated],
    *,
    ends_at: datetime,
    now: datetime,
    kind: str = "line",
    step: str,
    previous: Sequence[Dated] = (),
    previous_label: str | None = None,
    steps: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return the chart of `metric` over `points`, the last of which ends at `ends_at`.

    What has not begun by `now` is left out, and the point that still runs is partial. Points of `previous` stand
    beside those of `points` in order, as far as there are any.
    """
    begun = [point for point in points if point.at <= now]
    last = len(begun) - 1
    return {
        "kind": kind,
        "label": TILES[metric][0],
        "colour": "conv" if metric in AMBER else "clicks",
        "unit": unit_of(metric),
        "step": step,
        "previous_label": previous_label,
        "steps": list(steps),
        "note": "",
        "points": [
            {
                "at": point.at,
                "value": value_of(metric, point.figures),
                "previous_at": previous[index].at if index < len(previous) else None,
                "previous": previous_of(metric, previous[index].figures if index < len(previous) else None),
                "partial": index == last and now < ends_at,
            }
            for index, point in enumerate(begun)
        ],
    }
