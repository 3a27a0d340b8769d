"""What a partner's page shows: its numbers in a period, and in private the link, the lists and the activity."""

from collections.abc import Sequence
from typing import Any, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

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
from wihy.core.replica import reading
from wihy.core.schemas import Printable, Query
from wihy.core.settings import settings
from wihy.core.viewer import viewer_zone
from wihy.partners.access import Access
from wihy.partners.engagement import TOP_CAMPAIGNS, find_known
from wihy.tracking.models import EventType
from wihy.tracking.urls import partner_url

TILES = ("clicks", "conversions", "rate")
LONGEST_BY_DAY = 92
LONGEST_BY_WEEK = 400
TOP_DESTINATIONS = 10
RECENT = 10


class PageQuery(Query):
    """What the address of the page asks for; `campaign` is of the link to copy, and filters nothing."""

    period: Literal["30d", "90d", "12mo", "all"] = "30d"
    campaign: Printable | None = None


@reading
def shown_to(access: Access, tracking_id: str, asked: PageQuery) -> dict[str, Any]:
    """Return what the template takes; raises `NotFound` for an id with neither events nor a partner."""
    partner = find_known(tracking_id)
    selection, zone = Selection(partner=tracking_id), ZoneInfo(viewer_zone())
    period = PARTNER_PRESETS[asked.period].make(zone, now())
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
        "bots": totals.bots,
        "chart": _chart(selection, period or analytics.since_first_event(zone)),
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


def _address(tracking_id: str, asked: PageQuery, **changes: str | None) -> str:
    given = {**asked.model_dump(exclude_defaults=True), **changes}
    query = urlencode({name: value for name, value in given.items() if value})
    return f"/engagement/{tracking_id}" + (f"?{query}" if query else "")


def _period_menu(tracking_id: str, asked: PageQuery, period: Period | None) -> dict[str, Any]:
    return {
        "label": PARTNER_PRESETS[asked.period].label,
        "starts_on": period.first if period else None,
        "ends_on": period.last if period else None,
        "choices": [
            {
                "label": preset.label,
                "url": _address(tracking_id, asked, period=preset.name),
                "current": preset.name == asked.period,
                "key": None,
            }
            for preset in PARTNER_PRESETS.values()
        ],
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
    asked: PageQuery, campaigns: Sequence[Row], before: Sequence[CountedCombination] | None
) -> dict[str, Any]:
    note = ""
    if before is not None:
        note = f"{len(_campaigns(before))} in the {PARTNER_PRESETS[asked.period].label} before"
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


def _link(tracking_id: str, asked: PageQuery, campaigns: Sequence[Row]) -> dict[str, Any]:
    """Return the partner's own link, and one for each of their campaigns; also one that has no click yet."""
    names = [row.name for row in campaigns[:TOP_CAMPAIGNS]]
    chosen = asked.campaign or next(iter(names), None)
    if chosen and chosen not in names:
        names.append(chosen)
    return {
        "url": partner_url(settings().site_url, tracking_id, chosen),
        "chips": [
            {
                "name": name,
                "page_url": _address(tracking_id, asked, campaign=name),
                "link_url": partner_url(settings().site_url, tracking_id, name),
                "current": name == chosen,
            }
            for name in names
        ],
        "period": asked.period,
    }


def _campaigns_card(asked: PageQuery, campaigns: Sequence[Row]) -> dict[str, Any]:
    return _card(
        title="Top campaigns",
        name_head="Campaign",
        count_head="Clicks",
        colour="clicks",
        counts=[(row.name, row.figures.clicks) for row in campaigns],
        shown=TOP_CAMPAIGNS,
        empty_title=f"No clicks {PARTNER_PRESETS[asked.period].in_words}",
        empty_text="They count as soon as somebody follows your link.",
    )


def _destinations_card(asked: PageQuery, counted: Sequence[CountedCombination]) -> dict[str, Any]:
    rows = analytics.ranked(Dimension.DESTINATION, counted, Metric.CONVERSIONS)
    return _card(
        title="Where people go",
        name_head="Destination",
        count_head="Conversions",
        colour="conv",
        counts=[(row.name, row.figures.conversions) for row in rows if row.figures.conversions],
        shown=TOP_DESTINATIONS,
        empty_title=f"No conversions {PARTNER_PRESETS[asked.period].in_words}",
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
