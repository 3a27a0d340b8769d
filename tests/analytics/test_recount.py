"""Every figure equals a naive recount of the events, for random events, filters, zones, ranges and comparisons."""

import csv
import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.analytics import oracle
from tests.analytics.events import Sent, replace_events
from tests.analytics.strategies import IDS, events, questions, ranges
from wihy.analytics import parts
from wihy.core.clock import to_text

ONE_STAGE = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
SMALLEST = timedelta(minutes=15)


def ask(client: FlaskClient, path: str, query: dict[str, Any]) -> Any:
    answer = client.get(f"/api/tracking/{path}", query_string=query)
    assert answer.status_code == 200, answer.text
    return json.loads(answer.text)


def today(query: dict[str, str]) -> Any:
    return datetime.now(ZoneInfo(query.get("tz", "UTC"))).date()


def last_30_days(query: dict[str, str]) -> Any:
    return today(query) - timedelta(days=29), today(query)


def told(event: Sent) -> dict[str, Any]:
    return {
        "id": str(event.id),
        "referrer": event.referrer,
        "campaign": event.campaign,
        "timestamp": to_text(event.timestamp),
        "landingPage": event.landing_page,
        "originalSource": event.original_source or event.referrer,
        "destinationUrl": event.destination_url,
        "eventType": event.event_type,
    }


def expected_stats(all_events: list[Sent], query: dict[str, str]) -> dict[str, Any]:
    days = oracle.days_asked(all_events, query, today(query))
    chosen = oracle.selection(all_events, query)
    found = oracle.within(chosen, query, days)
    previous = None
    if days and "compare" in query:
        compared = oracle.days_compared(days, query["compare"])
        previous = oracle.totals(oracle.within(chosen, query, compared))
    outbound = [event for event in found if event.event_type == "outbound"]
    return {
        "totalEvents": len(oracle.without_bots(found)),
        "byReferrer": oracle.numbers_by(found, lambda event: event.referrer),
        "byCampaign": oracle.numbers_by(found, lambda event: event.campaign),
        "byLandingPage": oracle.numbers_by(found, lambda event: event.page_in_figures),
        "recent": [told(event) for event in oracle.newest_first(oracle.without_bots(found))[:20]],
        "totals": oracle.totals(found),
        "previous": previous,
        "byPartner": [{"name": None, **line} for line in oracle.lines_by(found, oracle.partner_of, key="id")],
        "byDestination": oracle.lines_by(outbound, lambda event: event.destination),
        "bySource": oracle.lines_by(found, lambda event: event.original_source or event.referrer),
    }


def in_order(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer with its maps as lists: their order counts too."""
    return {
        k: list(v.items()) if k.startswith("by") and isinstance(v, dict) else v for k, v in answer.items()
    }


@pytest.fixture(params=["few", "many"])
def share(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the events of a selection count as few, or as many: they are looked for in different ways."""
    if request.param == "many":
        monkeypatch.setattr(parts, "FEW_FIGURES", 0)


@pytest.mark.usefixtures("share")
@ONE_STAGE
@given(events, questions)
def test_stats(app: Flask, vera: FlaskClient, sent: list[Sent], query: dict[str, str]) -> None:
    replace_events(app, sent)
    answer = ask(vera, "stats", query)
    series = answer.pop("series")
    assert in_order(answer) == in_order(expected_stats(sent, query))
    days = oracle.days_asked(sent, query, today(query)) or last_30_days(query)
    check_series(series, oracle.series(oracle.selection(sent, query), query, days), query, days)


def check_series(series: list[Any], expected: dict[Any, Any], query: dict[str, str], days: Any) -> None:
    length = (days[1] - days[0]).days + 1
    starts = [datetime.fromisoformat(point["at"]) for point in series]

    def key(local: datetime) -> Any:
        if length <= 2:
            return (local.date(), local.hour, local.utcoffset())
        return (local.year, local.month) if length > 400 else local.date()

    assert starts == sorted(starts)
    assert [key(start) for start in starts] == list(all_buckets(query, days, key))
    counted = {key(datetime.fromisoformat(point.pop("at"))): point for point in series}
    assert {at: point for at, point in counted.items() if any(point.values())} == expected


def all_buckets(query: dict[str, str], days: Any, key: Any) -> Iterable[Any]:
    """What clocks and calendars show in these days, looked at every quarter of an hour (or half day)."""
    zone = ZoneInfo(query.get("tz", "UTC"))
    pace = SMALLEST if (days[1] - days[0]).days < 2 else timedelta(hours=12)
    moment = datetime(days[0].year, days[0].month, days[0].day, 12, tzinfo=UTC) - timedelta(days=2)
    end = datetime(days[1].year, days[1].month, days[1].day, 12, tzinfo=UTC) + timedelta(days=2)
    shown: dict[Any, None] = {}
    while moment < end:
        local = moment.astimezone(zone)
        if days[0] <= local.date() <= days[1]:
            shown[key(local)] = None
        moment += pace
    return shown


@ONE_STAGE
@given(events, st.sampled_from([*IDS[:4], "nobody"]), ranges(), st.integers(1, 7))
def test_referrer(
    app: Flask, vera: FlaskClient, sent: list[Sent], who: str, query: dict[str, str], limit: int
) -> None:
    replace_events(app, sent)
    days = oracle.days_asked(sent, query, today(query))
    found = oracle.within(oracle.selection(sent, {"partner": who}), query, days)
    clicks = [event for event in found if event.event_type == "inbound"]
    listed: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        answer = ask(vera, f"referrer/{who}", {**query, **cursor, "limit": limit})
        assert answer["totals"] == oracle.totals(found)
        assert answer["totalClicks"] == len(oracle.without_bots(clicks)) == sum(answer["campaigns"].values())
        assert answer["campaigns"] == oracle.numbers_by(clicks, lambda event: event.campaign)
        listed += answer["events"]
        if answer["nextCursor"] is None:
            break
        assert len(answer["events"]) == limit
        cursor = {"cursor": answer["nextCursor"]}
    assert listed == [told(event) for event in oracle.newest_first(oracle.without_bots(found))]


@pytest.mark.usefixtures("share")
@ONE_STAGE
@given(events, questions, st.booleans())
def test_events(app: Flask, vera: FlaskClient, sent: list[Sent], query: dict[str, str], bots: bool) -> None:
    replace_events(app, sent)
    days = oracle.days_asked(sent, query, today(query))
    found = oracle.within(oracle.selection(sent, query), query, days)
    expected = [str(event.id) for event in oracle.newest_first(found if bots else oracle.without_bots(found))]
    asked = {**query, **({"bots": "1"} if bots else {})}
    assert [event["id"] for event in ask(vera, "events", {**asked, "limit": 200})["events"]] == expected
    lines = vera.get("/api/tracking/events", query_string={**asked, "format": "ndjson"}).text.splitlines()
    assert [json.loads(line)["id"] for line in lines] == expected
    table = vera.get("/api/tracking/events", query_string={**asked, "format": "csv"}).text
    assert [row["id"] for row in csv.DictReader(io.StringIO(table))] == expected


@ONE_STAGE
@given(events, st.sampled_from(IDS[:4]), ranges())
def test_engagement(app: Flask, vera: FlaskClient, sent: list[Sent], who: str, query: dict[str, str]) -> None:
    replace_events(app, sent)
    mine = oracle.selection(sent, {"partner": who})
    if not oracle.without_bots(mine):
        assert vera.get(f"/api/tracking/engagement/{who}", query_string=query).status_code == 404
        return
    answer = ask(vera, f"engagement/{who}", query)
    days = oracle.days_asked(sent, query, today(query))
    found = oracle.within(mine, query, days)
    totals = oracle.totals(found)
    clicks = oracle.numbers_by([e for e in found if e.event_type == "inbound"], lambda event: event.campaign)
    led_to = oracle.numbers_by(
        [e for e in found if e.event_type == "outbound"], lambda event: event.destination
    )
    assert answer["totalClicks"] == totals["clicks"]
    assert answer["totalConversions"] == totals["conversions"]
    assert (answer["conversionRate"], answer["bots"]) == (totals["conversionRate"], totals["bots"])
    assert answer["topCampaigns"] == [{"campaign": k, "clicks": n} for k, n in list(clicks.items())[:5]]
    assert answer["destinations"] == [{"name": k, "clicks": n} for k, n in led_to.items()]
    assert [one["timestamp"] for one in answer["recentActivity"]] == [
        to_text(event.timestamp) for event in oracle.newest_first(oracle.without_bots(found))[:20]
    ]
    happened = [
        line
        for line in oracle.clicks_by_day(mine, query, days or last_30_days(query))
        if (line["date"], query.get("tz")) not in SKIPPED
    ]
    assert answer["clicksByDay"] == happened


SKIPPED = {("2011-12-30", "Pacific/Apia"), ("2011-12-30", "Pacific/Fakaofo")}
