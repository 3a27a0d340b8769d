"""What a partner's page shows: its numbers in a period, and in private the link, the lists and the activity."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from wihy.analytics import service as analytics
from wihy.analytics.service import (
    PARTNER_PRESETS,
    Activity,
    Comparison,
    CountedCombination,
    Dimension,
    Metric,
    Period,
    Row,
    Selection,
    Step,
)
from wihy.core.clock import now
from wihy.core.qr import MIMETYPES
from wihy.core.replica import reading
from wihy.core.settings import settings
from wihy.partners.access import Access
from wihy.partners.engagement import TOP_CAMPAIGNS, check_length, find_known
from wihy.partners.state import State, page_path
from wihy.tracking.models import EventType
from wihy.tracking.urls import partner_url

TILES = ("clicks", "conversions", "rate")
LONGEST_BY_DAY = 92
LONGEST_BY_WEEK = 400
TOP_DESTINATIONS = 10
RECENT = 10


@reading
def shown_to(access: Access, tracking_id: str, asked: State) -> dict[str, Any]:
    """Return what the template takes; raises `NotFound` for an id with neither events nor a partner."""
    partner = find_known(tracking_id)
    selection = Selection(partner=tracking_id)
    period = asked.chosen_period(now())
    check_length(access, period)
    counted = analytics.count_combinations(selection, period)
    before = analytics.compared(period, Comparison.PREVIOUS) if period else None
    counted_before = analytics.count_combinations(selection, before) if before else None
    totals = analytics.total(counted)
    tiles = analytics.tiles_of(
        totals, None if counted_before is None else analytics.total(counted_before), TILES
    )
    page: dict[str, Any] = {
        "partner": {"id": tracking_id, "name": partner and partner.partner_name, "record": partner},
        "period": _period_menu(tracking_id, asked, period),
        "csv_url": asked.address(page_path(tracking_id, "/clicks.csv"), campaign=None),
        "bots": totals.bots,
        "chart": _chart(selection, period or analytics.since_first_event(asked.zone)),
        "tiles": tiles,
        "contact_email": settings().partner_contact,
        "private": None,
    }
    if access is Access.PRIVATE:
        campaigns = _campaigns(counted)
        tiles.append(_campaigns_tile(asked, campaigns, counted_before))
        page["private"] = {
            "link": _link(tracking_id, asked, campaigns),
            "campaigns": _campaigns_card(asked, campaigns),
            "destinations": _destinations_card(asked, counted),
            "activity": _sentences(analytics.list_activity(selection, None, limit=RECENT).activity),
        }
    return page


@reading
def days_of(access: Access, tracking_id: str, asked: State) -> list[list[Any]]:
    """Return [day, clicks] of each day that the page shows, oldest first, in private [day, clicks, conversions]."""
    find_known(tracking_id)
    period = asked.chosen_period(now())
    check_length(access, period)
    period = period or analytics.since_first_event(asked.zone)
    points = analytics.series(Selection(partner=tracking_id), period, Step.DAY)
    shown = [
        [point.at.date().isoformat(), point.figures.clicks, point.figures.conversions] for point in points
    ]
    return shown if access is Access.PRIVATE else [row[:2] for row in shown]


def _period_menu(tracking_id: str, asked: State, period: Period | None) -> dict[str, Any]:
    path, days = page_path(tracking_id), {"from": None, "to": None}
    return {
        "label": asked.label,
        "starts_on": period.first if period else None,
        "ends_on": period.last if period else None,
        "choices": [
            {
                "label": preset.label,
                "url": asked.address(path, period=preset.name, **days),
                "current": not asked.is_custom and preset.name == asked.period,
                "key": None,
            }
            for preset in PARTNER_PRESETS.values()
        ],
        "action": path,
        "hidden": list(asked.given("from", "to", "period").items()),
    }


def _step(period: Period) -> Step:
    days = (period.last - period.first).days + 1
    if days <= LONGEST_BY_DAY:
        return Step.DAY
    return Step.WEEK if days <= LONGEST_BY_WEEK else Step.MONTH


def _chart(selection: Selection, period: Period) -> dict[str, Any]:
    """Return the bars of the period that the tiles speak of, and by day which of them was best."""
    step = _step(period)
    points = analytics.series(selection, period, step)
    chart = analytics.chart_of("clicks", points, ends_at=period.end, now=now(), kind="bar", step=step.value)
    best = max(points, key=lambda point: point.figures.clicks)
    is_told = step is Step.DAY and best.figures.clicks
    return chart | {"best": {"at": best.at.date(), "clicks": best.figures.clicks} if is_told else None}


def _campaigns(counted: Sequence[CountedCombination]) -> list[Row]:
    return [row for row in analytics.ranked(Dimension.CAMPAIGN, counted, Metric.CLICKS) if row.figures.clicks]


def _campaigns_tile(
    asked: State, campaigns: Sequence[Row], before: Sequence[CountedCombination] | None
) -> dict[str, Any]:
    note = ""
    if before is not None:
        note = f"{len(_campaigns(before))} in the {'days' if asked.is_custom else asked.label} before"
    return {
        "key": "campaigns",
        "label": "Active campaigns",
        "title": "Campaigns that brought a click",
        "value": len(campaigns),
        "unit": "number",
        "previous": None,
        "url": None,
        "current": False,
        "note": note,
    }


def _link(tracking_id: str, asked: State, campaigns: Sequence[Row]) -> dict[str, Any]:
    """Return the partner's own link, and one for each of their campaigns; also one that has no click yet."""
    names = [row.name for row in campaigns[:TOP_CAMPAIGNS]]
    chosen = asked.campaign or next(iter(names), None)
    if chosen and chosen not in names:
        names.append(chosen)
    return {
        "url": partner_url(settings().site_url, tracking_id, chosen),
        "qr": _pictures(tracking_id, chosen),
        "chips": [
            {
                "name": name,
                "page_url": asked.address(page_path(tracking_id), campaign=name),
                "link_url": partner_url(settings().site_url, tracking_id, name),
                "qr": _pictures(tracking_id, name),
                "current": name == chosen,
            }
            for name in names
        ],
        "hidden": list(asked.given("campaign").items()),
    }


def _pictures(tracking_id: str, campaign: str | None) -> dict[str, str]:
    query = f"?{urlencode({'campaign': campaign})}" if campaign else ""
    return {kind: f"{page_path(tracking_id, f'/qr.{kind}')}{query}" for kind in MIMETYPES}


def _campaigns_card(asked: State, campaigns: Sequence[Row]) -> dict[str, Any]:
    return _card(
        title="Top campaigns",
        name_head="Campaign",
        count_head="Clicks",
        colour="clicks",
        counts=[(row.name, row.figures.clicks) for row in campaigns],
        shown=TOP_CAMPAIGNS,
        empty_title=f"No clicks {asked.in_words}",
        empty_text="They count as soon as somebody follows your link.",
    )


def _destinations_card(asked: State, counted: Sequence[CountedCombination]) -> dict[str, Any]:
    rows = analytics.ranked(Dimension.DESTINATION, counted, Metric.CONVERSIONS)
    return _card(
        title="Where people go",
        name_head="Destination",
        count_head="Conversions",
        colour="conv",
        counts=[(row.name, row.figures.conversions) for row in rows if row.figures.conversions],
        shown=TOP_DESTINATIONS,
        empty_title=f"No conversions {asked.in_words}",
        empty_text="They count when somebody you brought goes on to a destination.",
    )


def _card(counts: Sequence[tuple[str, int]], shown: int, **words: str) -> dict[str, Any]:
    return words | {
        "filtered": False,
        "total": sum(count for _, count in counts),
        "rows": [
            {"name": name, "id": None, "count": count, "url": None, "current": False}
            for name, count in counts[:shown]
        ],
        "more_label": None,
        "more_url": None,
    }


def _sentences(activity: Sequence[Activity]) -> list[dict[str, Any]]:
    """Return `activity` as a partner may read it: without the events' ids, or another partner's."""
    return [
        {
            "at": one.timestamp,
            "outbound": one.event_type == EventType.OUTBOUND,
            "led_to": one.led_to,
            "campaign": one.campaign,
        }
        for one in activity
    ]
