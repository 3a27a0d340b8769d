"""What a dashboard asks for: the addresses whose answers `analytics.py` times, and plain SQL that counts the events."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlencode

A_MILLION, TEN_MILLION = 1_000_000, 10_000_000
ENDPOINT_MS = 100
ZONES = ("UTC", "America/New_York", "Asia/Kathmandu")
DASHBOARD = "/tracking-dashboard"
API = "/api/tracking"
STRONG, WEAK = "trailhead_weekly", "partner_300"
CAMPAIGN = "newsletter_footer"


class Question(NamedTuple):
    """An address to ask for; `most_ms` says for a number of events what its 95th percentile may be."""

    name: str
    path: str
    most_ms: Mapping[int, float]


def questions(deep_cursor: str) -> Iterator[Question]:
    """Yield all; `deep_cursor` leads to a page of events far behind the first."""
    for name, path, most_ms in _first_screens():
        yield Question(name, path, {TEN_MILLION: most_ms})
    for name, path in (*_screens(), *_endpoints(deep_cursor)):
        yield Question(name, path, {A_MILLION: ENDPOINT_MS})


def _first_screens() -> Iterator[tuple[str, str, float]]:
    for zone in ZONES:
        for period, most_ms in (("28d", 100), ("all", 150)):
            asked = _query(period=period, tz=zone)
            allowed = most_ms if zone == "UTC" else 250
            yield f"first screen, {period}, {zone}", f"{DASHBOARD}?{asked}", allowed
    asked = _query(period="28d", compare="year")
    yield "first screen, 28d, a year before, UTC", f"{DASHBOARD}?{asked}", 100


def _screens() -> Iterator[tuple[str, str]]:
    for part in ("figures", "recent"):
        asked = _query(period="28d", part=part)
        yield f"part {part}, 28d, UTC", f"{DASHBOARD}?{asked}"
    yield "screen, one campaign, 28d, UTC", f"{DASHBOARD}?{_query(campaign=CAMPAIGN)}"
    asked = _query(campaign=CAMPAIGN, tz="America/New_York")
    yield "screen, one campaign, 28d, New York", f"{DASHBOARD}?{asked}"
    yield "screen, 24 hours", f"{DASHBOARD}?{_query(period='24h')}"
    yield "breakdown of campaigns, 28d, UTC", f"{DASHBOARD}/campaigns?{_query(period='28d')}"
    for partner in (STRONG, WEAK):
        yield f"screen of {partner}", f"{DASHBOARD}/referrers/{partner}?{_query(period='28d')}"
        yield f"partner's page of {partner}", f"/engagement/{partner}"


def _endpoints(deep_cursor: str) -> Iterator[tuple[str, str]]:
    today = datetime.now(UTC).date()
    days = {"from": (today - timedelta(days=27)).isoformat(), "to": today.isoformat()}
    yield "stats, all time", f"{API}/stats"
    for zone in ZONES:
        asked = _query(**days, compare="previous", tz=zone)
        yield f"stats, 28d, compared, {zone}", f"{API}/stats?{asked}"
    for name, filters in {
        "campaign": {"campaign": CAMPAIGN},
        "partner": {"partner": STRONG},
        "weak partner": {"partner": WEAK},
        "page and direction": {"landing_page": "/gift", "event_type": "inbound"},
        "destination": {"destination": "Amazon"},
    }.items():
        yield f"stats, all time, {name}", f"{API}/stats?{_query(**filters)}"
        asked = _query(**filters, **days, tz="Asia/Kathmandu")
        yield f"stats, 28d, {name}, Kathmandu", f"{API}/stats?{asked}"
    for partner in (STRONG, WEAK):
        yield f"referrer/{partner}", f"{API}/referrer/{partner}"
        yield f"engagement/{partner}", f"{API}/engagement/{partner}"
    yield "events, first page", f"{API}/events?limit=200"
    yield "events, a deep page", f"{API}/events?{_query(limit='200', cursor=deep_cursor)}"
    yield "events, weak partner", f"{API}/events?{_query(partner=WEAK)}"
    yield "events, rare selection", f"{API}/events?{_query(referrer=WEAK, destination='Amazon')}"
    yield "events, none", f"{API}/events?{_query(landing_page='/never')}"


def _query(**asked: str) -> str:
    return urlencode(asked)


LAST_28_DAYS = "timestamp >= (date_trunc('day', now()) - interval '27 days')"
NAIVE = {
    "totals, 28d": "SELECT event_type, count(*), count(*) FILTER (WHERE new_visitor) FROM tracking_events "
    f"WHERE NOT is_bot AND {LAST_28_DAYS} GROUP BY 1",
    "totals, all time": "SELECT event_type, count(*), count(*) FILTER (WHERE new_visitor) FROM tracking_events "
    "WHERE NOT is_bot GROUP BY 1",
    "campaigns, all time": "SELECT campaign, count(*) FROM tracking_events WHERE NOT is_bot GROUP BY 1 ORDER BY 2 DESC",
    "series by day, 28d": "SELECT date_trunc('day', timestamp), event_type, count(*) FROM tracking_events "
    f"WHERE NOT is_bot AND {LAST_28_DAYS} GROUP BY 1, 2 ORDER BY 1",
}
