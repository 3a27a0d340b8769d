"""Routes of the staff's figures."""

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response

from wihy.analytics.events import every_event, list_events
from wihy.analytics.figures import Figures, Metric, Row, ranked, total
from wihy.analytics.filters import Dimension, Filters
from wihy.analytics.names import names_of
from wihy.analytics.periods import Period
from wihy.analytics.queries import count_combinations
from wihy.analytics.schemas import (
    Counts,
    EventJson,
    EventList,
    EventPage,
    NamedFigures,
    Paged,
    PartnerFigures,
    PointJson,
    RecentEvent,
    ReferrerEvents,
    Stats,
    Total,
)
from wihy.analytics.service import overview, period_of
from wihy.core.access import allow, staff
from wihy.core.answers import answers as shared_answers
from wihy.core.openapi import Answer, answers, spec
from wihy.core.paging import Cursor
from wihy.core.paths import check_tracking_id
from wihy.core.streaming import csv_download, ndjson_download

routes = Blueprint("analytics_api", __name__)

EVENT_COLUMNS = [field.alias or name for name, field in EventJson.model_fields.items()]


@routes.get("/stats")
@allow(staff, key="stats:read")
@spec.validate(resp=answers(Stats), tags=["Figures"])
def get_stats(query: Filters) -> Answer:
    """Figures of a selection of events

    Without a range, totals and lists are of all time and `series` shows the last 30 days. All filters given
    hold at once and compare texts as figures show them. Known bots are in `totals.bots` only.
    """
    period = period_of(query)
    key = [query.model_dump(mode="json"), period and [period.start, period.end]]
    text = shared_answers().text("stats", key, lambda: _stats(query, period).model_dump_json())
    return Response(text, mimetype="application/json")


@routes.get("/referrer/<referrer_id>")
@allow(staff)
@spec.validate(resp=answers(ReferrerEvents), tags=["Figures"])
def get_referrer(referrer_id: str, query: Paged) -> Answer:
    """Figures and events of one id

    The inbound events it sent, and the outbound ones of visitors it first brought (`partner=<referrerId>`),
    of all time where there is no range. An id that is not known has zeros.
    """
    check_tracking_id("referrerId", referrer_id)
    selection = query.model_copy(update={"partner": referrer_id})
    period = period_of(query)
    counted = count_combinations(selection, period)
    totals = total(counted)
    campaigns = ranked(Dimension.CAMPAIGN, counted, Metric.CLICKS)
    page = list_events(selection, period, limit=query.limit, after=_cursor(query))
    return ReferrerEvents(
        referrer_id=referrer_id,
        name=names_of([referrer_id]).get(referrer_id),
        total_clicks=totals.clicks,
        totals=Total.model_validate(totals),
        campaigns={row.name: row.figures.clicks for row in campaigns if row.figures.clicks},
        events=[RecentEvent.model_validate(event) for event in page.events],
        next_cursor=page.next_cursor.to_text() if page.next_cursor else None,
    )


@routes.get("/events")
@allow(staff)
@spec.validate(resp=answers(EventPage), tags=["Figures"])
def list_all_events(query: EventList) -> Answer:
    """Single events, newest first

    As they were sent; without a range, of all time. `format=csv` and `format=ndjson` stream all of them
    instead of a page, with the same fields (a cell that a spreadsheet would run begins with `'`).
    """
    if query.format == "csv":
        return csv_download(
            "events.csv", EVENT_COLUMNS, ([*map(_cell, row.values())] for row in _every(query))
        )
    if query.format == "ndjson":
        return ndjson_download("events.ndjson", _every(query))
    page = list_events(
        query, period_of(query), limit=query.limit, after=_cursor(query), bots=query.bots == "1"
    )
    return EventPage(
        events=[EventJson.model_validate(event) for event in page.events],
        next_cursor=page.next_cursor.to_text() if page.next_cursor else None,
    )


def _stats(query: Filters, period: Period | None) -> Stats:
    found = overview(query, period, query.zone, query.compare)
    partners = found.top(Dimension.PARTNER)
    names = names_of([row.name for row in partners])
    return Stats(
        total_events=found.totals.events,
        by_referrer=_events(found.top(Dimension.REFERRER)),
        by_campaign=_events(found.top(Dimension.CAMPAIGN)),
        by_landing_page=_events(found.top(Dimension.LANDING_PAGE)),
        recent=[RecentEvent.model_validate(event) for event in found.recent],
        totals=Total.model_validate(found.totals),
        previous=Total.model_validate(found.previous) if found.previous else None,
        series=[PointJson(at=point.at, **_counts(point.figures)) for point in found.series],
        by_partner=[
            PartnerFigures(id=row.name, name=names.get(row.name), **_counts(row.figures)) for row in partners
        ],
        by_destination=_named(found.top(Dimension.DESTINATION)),
        by_source=_named(found.top(Dimension.ORIGINAL_SOURCE)),
    )


def _every(query: EventList) -> Iterator[dict[str, Any]]:
    events = every_event(query, period_of(query), after=_cursor(query), bots=query.bots == "1")
    return (EventJson.model_validate(event).model_dump(mode="json") for event in events)


def _cell(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _cursor(query: Paged) -> Cursor | None:
    return Cursor.from_text(query.cursor) if query.cursor else None


def _counts(found: Figures) -> dict[str, int]:
    return Counts.model_validate(found).model_dump(by_alias=False)


def _events(rows: list[Row]) -> dict[str, int]:
    return {row.name: row.figures.events for row in rows}


def _named(rows: list[Row]) -> list[NamedFigures]:
    return [NamedFigures(name=row.name, **_counts(row.figures)) for row in rows]
