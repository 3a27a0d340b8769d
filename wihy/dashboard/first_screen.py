"""The numbers of the dashboard's first screen: counted once for all who look at the same within a second."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from pydantic import TypeAdapter

from wihy.analytics import service as analytics
from wihy.analytics.service import Figures, Period, Point, Selection, Step, compared, up_to
from wihy.core.answers import answers
from wihy.core.clock import now
from wihy.core.replica import reading
from wihy.dashboard.cards import CARDS, CardNumbers, numbers_of
from wihy.dashboard.state import State


@dataclass(frozen=True, slots=True)
class View:
    """What is looked at: a path, its state, and the period that means at this moment."""

    path: str
    state: State
    period: Period | None
    now: datetime

    @classmethod
    def of(cls, path: str, state: State) -> "View":
        """Return the view of `state` at this moment."""
        moment = now()
        return cls(path, state, state.chosen_period(moment), moment)


class Screen(NamedTuple):
    """What the tiles, the chart and the cards show."""

    totals: Figures
    before: Figures | None
    points: list[Point]
    points_before: list[Point]
    cards: dict[str, CardNumbers]


SCREEN = TypeAdapter(Screen)


def first_screen(view: View, period: Period, cards: tuple[str, ...]) -> Screen:
    """Return the numbers of `cards`, the tiles and the chart over `period` (the view's own, or all time's days).

    They may be up to a second old, but have all news that were known when they are asked for.
    """
    key = [
        view.state.model_dump(mode="json", include={*Selection.model_fields, "compare", "metric"}),
        sorted(view.state.locked),  # a card tells the names beside a filter only where that is not locked
        view.period and (view.period.start, view.period.end),
        (period.start, period.end, view.state.tz, view.state.shown_step(period)),
        cards,
    ]
    text = answers().text("first screen", key, lambda: SCREEN.dump_json(_count(view, period, cards)).decode())
    found = SCREEN.validate_json(text)
    points, before = (_in_zone(points, view) for points in (found.points, found.points_before))
    return found._replace(points=points, points_before=before)


@reading
def _count(view: View, period: Period, cards: tuple[str, ...]) -> Screen:
    counted = analytics.count_combinations(view.state, view.period)
    before = period_before(view)
    step = view.state.shown_step(period)
    points = analytics.series(view.state, period, step)
    return Screen(
        analytics.total(counted),
        analytics.totals(view.state, before) if before else None,
        points,
        points_before(view, points, step),
        {name: numbers_of(CARDS[name], view.state, view.period, counted) for name in cards},
    )


def _in_zone(points: Sequence[Point], view: View) -> list[Point]:
    """Return `points` by the clocks of the view's zone: JSON keeps only how far they were from UTC."""
    return [Point(point.at.astimezone(view.state.zone), point.figures) for point in points]


def period_before(view: View) -> Period | None:
    """Return what the figures are compared with: a period that still runs, with the one before up to this moment."""
    comparison = view.state.comparison(view.period)
    if view.period is None or comparison is None:
        return None
    before = compared(view.period, comparison)
    passed = view.now - view.period.start
    return up_to(before, before.start + passed) if _runs(view, view.period) else before


def _runs(view: View, period: Period) -> bool:
    return period.start <= view.now < period.end


def points_before(view: View, points: Sequence[Point], step: Step) -> list[Point]:
    """Return the points to compare with; the one beside the point that still runs ends at the same moment of it."""
    comparison = view.state.comparison(view.period)
    if view.period is None or comparison is None:
        return []
    period = compared(view.period, comparison)
    before = analytics.series(view.state, period, step)
    running = sum(point.at <= view.now for point in points) - 1
    if not _runs(view, view.period) or running >= len(before):
        return before
    at = before[running].at
    ends = [*(point.at for point in before[running + 1 :]), period.end][0]
    rest = up_to(replace(period, start=at, first=at.date()), min(ends, at + (view.now - points[running].at)))
    before[running] = Point(at, analytics.totals(view.state, rest))
    return before
