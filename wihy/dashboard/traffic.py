"""What the traffic page and the page of one partner show, gathered from analytics."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from wihy.analytics import service as analytics
from wihy.analytics.service import CountedCombination, Period, Point, Step, compared, up_to
from wihy.core.clock import now
from wihy.core.paging import Cursor
from wihy.dashboard import menus
from wihy.dashboard.activity import event_rows
from wihy.dashboard.cards import CARDS, card_of
from wihy.dashboard.state import FILTERS, State, url

RECENT = 10
LISTED = 50
LIVE_MINUTES = 5
STEP_LABELS = {Step.DAY: "Day", Step.WEEK: "Week", Step.MONTH: "Month"}


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


def bar(view: View) -> dict[str, Any]:
    """Return the controls of the page's head."""
    return {
        "period": menus.period_menu(view.path, view.state, view.period),
        "comparison": menus.comparison_menu(view.path, view.state, view.period),
        "csv_url": csv_url(view),
    }


def csv_url(view: View, **filters: str) -> str:
    """Return the address of the events that are shown, as CSV."""
    state = view.state.model_dump(by_alias=True, mode="json", exclude_none=True)
    query = {name: state[name] for name in FILTERS if name in state} | filters
    if view.period:
        query |= {"from": view.period.first.isoformat(), "to": view.period.last.isoformat()}
    return "/api/tracking/events?" + urlencode({**query, "tz": view.state.tz, "format": "csv"})


def figures(view: View, cards: tuple[str, ...] = tuple(CARDS)) -> dict[str, Any]:
    """Return filters, tiles, chart and cards."""
    counted = analytics.count_combinations(view.state, view.period)
    return {
        "filters": menus.chips(view.path, view.state),
        "clear_url": menus.without_filters(view.path),
        "adding": menus.adding(view.path),
        "tiles": tiles(view, counted),
        "bots": analytics.total(counted).bots,
        "chart": chart(view),
        "cards": {name: card_of(view.path, CARDS[name], view.state, view.period, counted) for name in cards},
    }


def tiles(view: View, counted: Sequence[CountedCombination]) -> list[dict[str, Any]]:
    """Return the five tiles, with the comparison's figures where one is chosen."""
    before = period_before(view)
    return analytics.tiles_of(
        analytics.total(counted),
        analytics.totals(view.state, before) if before else None,
        url_of=lambda metric: url(view.path, metric=metric),
        current=view.state.metric,
    )


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


def chart(view: View) -> dict[str, Any]:
    """Return the chart of the chosen tile; of all time, it begins with the first event."""
    zone = view.state.zone
    period = view.period or analytics.since_first_event(zone)
    step = view.state.shown_step(period)
    points = analytics.series(view.state, period, step)
    label = menus.compared_label(view.state, view.period)
    return analytics.chart_of(
        view.state.metric,
        points,
        ends_at=period.end,
        now=view.now,
        step=step.value,
        previous=points_before(view, points, step),
        previous_label=label.capitalize() if label else None,
        steps=[
            {"label": STEP_LABELS[one], "url": url(view.path, step=one.value), "current": one is step}
            for one in view.state.steps(period)
        ],
    )


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


def recent(view: View) -> dict[str, Any]:
    """Return the newest events that match."""
    page = analytics.list_activity(view.state, view.period, limit=RECENT)
    return {
        "events": event_rows(page.activity),
        "period_in_words": menus.period_in_words(view.state),
        "live": {"last_five_minutes": analytics.count_since(view.now - timedelta(minutes=LIVE_MINUTES))},
    }


def listed(view: View) -> dict[str, Any]:
    """Return a page of events, and the ways to older ones and back to the newest."""
    cursor = Cursor.from_text(view.state.cursor) if view.state.cursor else None
    page = analytics.list_activity(view.state, view.period, limit=LISTED, after=cursor)
    older = page.next_cursor
    return {
        "events": event_rows(page.activity),
        "period_in_words": menus.period_in_words(view.state),
        "older_url": url(view.path, cursor=older.to_text()) if older else None,
        "newest_url": url(view.path) if cursor else None,
    }
