"""What the traffic page and the page of one partner show, gathered from analytics."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from wihy.analytics import service as analytics
from wihy.analytics.service import Period, Step
from wihy.core.paging import Cursor
from wihy.dashboard import menus
from wihy.dashboard.activity import event_rows
from wihy.dashboard.cards import CARDS, card_of
from wihy.dashboard.first_screen import Screen, View, first_screen
from wihy.dashboard.state import FILTERS, url

RECENT = 10
LISTED = 50
LIVE_MINUTES = 5
SHARES = "/tracking-dashboard/shares"
STEP_LABELS = {Step.DAY: "Day", Step.WEEK: "Week", Step.MONTH: "Month"}


def bar(view: View) -> dict[str, Any]:
    """Return the controls of the page's head."""
    return {
        "period": menus.period_menu(view.path, view.state, view.period),
        "comparison": menus.comparison_menu(view.path, view.state, view.period),
        "csv_url": csv_url(view),
        "share_url": url(SHARES, partner=view.state.partner),
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
    period = view.period or analytics.since_first_event(view.state.zone)
    screen = first_screen(view, period, cards)
    return {
        "filters": menus.chips(view.path, view.state, is_empty=not screen.totals.events),
        "clear_url": menus.without_filters(view.path),
        "adding": menus.adding(view.path, view.state.locked),
        "tiles": tiles(view, screen),
        "bots": screen.totals.bots,
        "chart": chart(view, period, screen),
        "cards": {
            name: card_of(view.path, CARDS[name], view.state, numbers)
            for name, numbers in screen.cards.items()
        },
    }


def tiles(view: View, screen: Screen) -> list[dict[str, Any]]:
    """Return the five tiles, with the comparison's figures where one is chosen."""
    return analytics.tiles_of(
        screen.totals,
        screen.before,
        url_of=lambda metric: url(view.path, metric=metric),
        current=view.state.metric,
    )


def chart(view: View, period: Period, screen: Screen) -> dict[str, Any]:
    """Return the chart of the chosen tile over `period`."""
    step = view.state.shown_step(period)
    label = menus.compared_label(view.state, view.period)
    return analytics.chart_of(
        view.state.metric,
        screen.points,
        ends_at=period.end,
        now=view.now,
        step=step.value,
        previous=screen.points_before,
        previous_label=label.capitalize() if label else None,
        steps=[
            {"label": STEP_LABELS[one], "url": url(view.path, step=one.value), "current": one is step}
            for one in view.state.steps(period)
        ],
    )


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
