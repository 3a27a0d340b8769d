"""The dashboard's breakdowns: cards of bars, each row a filter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from wihy.analytics.service import (
    CountedCombination,
    Dimension,
    Metric,
    Period,
    Row,
    count_combinations,
    ranked,
)
from wihy.dashboard.state import FILTER_OF, State, url
from wihy.partners.queries import names_of

BREAKDOWNS = "/tracking-dashboard"
# a rate is of no use to sort by: one click of one would lead
COUNTED_BY = {"rate": Metric.CONVERSIONS}
HEADS = {
    Metric.CLICKS: "Clicks",
    Metric.CONVERSIONS: "Conversions",
    Metric.VISITORS: "Visitors",
    Metric.EVENTS: "Events",
}


@dataclass(frozen=True, slots=True)
class Card:
    """What a card breaks down, and how it speaks of it."""

    slug: str
    dimension: Dimension
    title: str
    name_head: str
    plural: str
    rows: int


class CardNumbers(NamedTuple):
    """What a card shows: the sum of all its lines, how many there are, and the first of them."""

    total: int
    lines: int
    rows: list[Row]


CARDS = {
    "partners": Card(
        "partners", Dimension.PARTNER, "Partners and sources", "Partner or source", "partners and sources", 10
    ),
    "sources": Card(
        "sources", Dimension.ORIGINAL_SOURCE, "Original sources", "First brought by", "original sources", 9
    ),
    "campaigns": Card("campaigns", Dimension.CAMPAIGN, "Campaigns", "Campaign", "campaigns", 5),
    "landing_pages": Card(
        "landing-pages", Dimension.LANDING_PAGE, "Landing pages", "Page", "landing pages", 5
    ),
    "destinations": Card("destinations", Dimension.DESTINATION, "Destinations", "Went to", "destinations", 5),
}


def metric_of(card: Card, state: State) -> Metric:
    """Return what `card` counts: what the selected tile does, of destinations always conversions."""
    if card.dimension is Dimension.DESTINATION:
        return Metric.CONVERSIONS
    return COUNTED_BY.get(state.metric) or Metric(state.metric)


def rows_of(
    card: Card, state: State, period: Period | None, counted: Sequence[CountedCombination], metric: Metric
) -> list[Row]:
    """Return the lines of `card`, most first; its own filter hides none of them. `counted`: with all filters."""
    if getattr(state, card.dimension.value) is not None:
        counted = count_combinations(state.without(card.dimension), period)
    return [row for row in ranked(card.dimension, counted, metric) if getattr(row.figures, metric)]


def numbers_of(
    card: Card, state: State, period: Period | None, counted: Sequence[CountedCombination]
) -> CardNumbers:
    """Return what `card` shows of `counted`."""
    metric = metric_of(card, state)
    rows = rows_of(card, state, period, counted, metric)
    shown = with_chosen(rows, getattr(state, card.dimension.value), card.rows)
    return CardNumbers(sum(getattr(row.figures, metric) for row in rows), len(rows), shown)


def card_of(path: str, card: Card, state: State, numbers: CardNumbers) -> dict[str, Any]:
    """Return `card` as its template takes it."""
    metric = metric_of(card, state)
    chosen = getattr(state, card.dimension.value)
    is_of_partners = card.dimension is Dimension.PARTNER
    names = names_of([row.name for row in numbers.rows]) if is_of_partners else {}
    is_amber = metric is Metric.CONVERSIONS
    is_locked = FILTER_OF[card.dimension] in state.locked
    has_details = numbers.lines and not state.locked  # they are the staff's
    return {
        "title": card.title,
        "name_head": card.name_head,
        "count_head": HEADS[metric],
        "colour": "conv" if is_amber else "clicks",
        "filtered": chosen is not None,
        "total": numbers.total,
        "rows": [_bar(None if is_locked else path, card, row, metric, names, chosen) for row in numbers.rows],
        "more_label": f"All {numbers.lines} {card.plural}" if numbers.lines > 1 else "Details",
        "more_url": url(f"{BREAKDOWNS}/{card.slug}", partner=state.partner) if has_details else None,
        "empty_title": f"No {HEADS[metric].lower()} here",
        "empty_text": "They count when a visitor goes on to a destination."
        if is_amber
        else "They appear with the first event that matches.",
    }


def with_chosen(rows: Sequence[Row], chosen: str | None, limit: int) -> list[Row]:
    """Return the first `limit` lines, the chosen one among them even where it comes later."""
    first = list(rows[:limit])
    later = [row for row in rows[limit:] if row.name == chosen]
    return first[: limit - 1] + later if later else first


def _bar(
    path: str | None, card: Card, row: Row, metric: Metric, names: Mapping[str, str], chosen: str | None
) -> dict[str, Any]:
    is_current = row.name == chosen
    name = names.get(row.name)
    return {
        "name": name or row.name,
        "id": row.name if name else None,
        "count": getattr(row.figures, metric),
        "url": path and url(path, **{FILTER_OF[card.dimension]: None if is_current else row.name}),
        "current": is_current,
    }
