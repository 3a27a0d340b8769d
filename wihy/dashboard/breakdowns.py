"""One card of the dashboard in full: searched, sorted, a hundred lines a page."""

from typing import Any

from wihy.analytics import service as analytics
from wihy.analytics.service import Dimension, Metric, Row
from wihy.dashboard import menus
from wihy.dashboard.cards import HEADS, Card, metric_of
from wihy.dashboard.first_screen import View
from wihy.dashboard.state import FILTER_OF, hidden, url
from wihy.partners.queries import names_of

LINES = 100


def breakdown(view: View, card: Card, dashboard: str) -> dict[str, Any]:
    """Return the lines of `card` for its own page; rows filter the page `dashboard`."""
    state = view.state
    metric = state.sort or metric_of(card, state)
    found = analytics.breakdown(
        state,
        view.period,
        card.dimension,
        metric=metric,
        search=state.q,
        offset=state.offset,
        limit=LINES,
        all_names=True,
    )
    names = names_of([row.name for row in found.rows]) if card.dimension is Dimension.PARTNER else {}
    behind = state.offset + LINES
    kept = {"q": state.q or None, "sort": state.sort}
    return {
        "title": card.title,
        "back_url": url(dashboard),
        "period": menus.period_menu(view.path, state, view.period, **kept),
        "filters": menus.chips(view.path, state),
        "search": {"action": view.path, "hidden": hidden(sort=state.sort), "q": state.q},
        "heads": _heads(view, card, metric),
        "rows": [_line(row, names.get(row.name), card, dashboard) for row in found.rows],
        "total": analytics.totals(state.without(card.dimension), view.period).clicks,
        "older_url": url(view.path, **kept, offset=behind) if behind < found.total else None,
        "newest_url": url(view.path, **kept) if state.offset else None,
    }


def _heads(view: View, card: Card, metric: Metric) -> list[dict[str, Any]]:
    kept = {"q": view.state.q or None}
    counted = [
        {
            "label": label,
            "url": url(view.path, **kept, sort=name.value),
            "sorted": "descending" if name is metric else None,
            "numeric": True,
        }
        for name, label in HEADS.items()
    ]
    name = {"label": card.name_head, "url": None, "sorted": None, "numeric": False}
    return [name, *counted, {"label": "Share", "url": None, "sorted": None, "numeric": True}]


def _line(row: Row, name: str | None, card: Card, dashboard: str) -> dict[str, Any]:
    figures = row.figures
    return {
        "name": name or row.name,
        "id": row.name if name else None,
        "url": url(dashboard, **{FILTER_OF[card.dimension]: row.name}),
        "details_url": menus.details_url(row.name) if card.dimension is Dimension.PARTNER else None,
        "clicks": figures.clicks,
        "conversions": figures.conversions,
        "visitors": figures.visitors,
        "events": figures.events,
    }
