"""Random events and questions about them: few names, so that they meet, and moments where clocks are strange."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import available_timezones

from hypothesis import strategies as st

from tests.analytics.events import Sent

ANCHORS = [
    datetime(2024, 3, 31, 1, 0, tzinfo=UTC),  # Europe: 02:00 is skipped
    datetime(2024, 11, 3, 6, 0, tzinfo=UTC),  # New York: 01:00 comes twice
    datetime(2024, 11, 3, 5, 0, tzinfo=UTC),  # Havana: midnight comes twice
    datetime(2024, 3, 30, 22, 0, tzinfo=UTC),  # Beirut: midnight is skipped
    datetime(2024, 4, 6, 15, 0, tzinfo=UTC),  # Lord Howe: half an hour comes twice
    datetime(2018, 11, 4, 3, 0, tzinfo=UTC),  # São Paulo: midnight is skipped
    datetime(2011, 12, 30, 10, 0, tzinfo=UTC),  # Apia: 30 December does not happen
    datetime(2024, 2, 29, 12, 0, tzinfo=UTC),
    datetime(2025, 12, 31, 23, 45, tzinfo=UTC),
]
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Pacific/Chatham",
    "Africa/Nairobi",
]
IDS = ["partner_john", "partner_sarah", "Partner_John", "-", "facebook"]
CAMPAIGNS = ["direct", "facebook_nov", "=1+1", "été \N{GRINNING FACE}", "(other)"]
PAGES = ["/", "/about", "shop.example/about"]
DESTINATIONS = ["Kickstarter", "X", "notkickstarter.com.evil.io"]


def sample(values: list[str]) -> st.SearchStrategy[str]:
    return st.sampled_from(values)


@st.composite
def moments(draw: st.DrawFn) -> datetime:
    anchor = draw(st.sampled_from([*ANCHORS, datetime.now(UTC).replace(minute=0, second=0, microsecond=0)]))
    quarters = draw(st.integers(-200, 200))
    rest = draw(st.sampled_from([0, 0, 1, 450_000, 899_999]))
    return min(anchor + timedelta(minutes=15 * quarters, milliseconds=rest), datetime.now(UTC))


@st.composite
def sent(draw: st.DrawFn) -> Sent:
    outbound = draw(st.booleans())
    return Sent(
        draw(moments()),
        referrer=draw(sample(IDS)),
        event_type="outbound" if outbound else "inbound",
        campaign=draw(sample(CAMPAIGNS)),
        page_in_figures=draw(sample(PAGES)),
        original_source=draw(st.none() | sample(IDS)),
        destination_url="https://example.org/" if outbound else None,
        destination=draw(sample(DESTINATIONS)) if outbound else draw(st.none() | sample(DESTINATIONS)),
        link=draw(st.none() | st.just("trail")),
        bot=draw(st.sampled_from([False, False, False, True])),
        new_visitor=draw(st.booleans()),
        id=draw(st.uuids(version=4)),
    )


events = st.lists(sent(), max_size=40, unique_by=lambda event: event.id)
zones = sample(ZONES) | sample(sorted(available_timezones()))
filters: st.SearchStrategy[dict[str, str]] = st.fixed_dictionaries(
    {},
    optional={
        "referrer": sample(IDS),
        "campaign": sample(CAMPAIGNS),
        "landingPage": sample(PAGES),
        "originalSource": sample(IDS),
        "destination": sample(DESTINATIONS),
        "eventType": sample(["inbound", "outbound"]),
        "link": sample(["trail", "other"]),
        "partner": sample(IDS),
    },
)
few_filters: st.SearchStrategy[dict[str, str]] = st.just({}) | filters.filter(lambda chosen: len(chosen) <= 2)


@st.composite
def ranges(draw: st.DrawFn) -> dict[str, str]:
    """`from`, `to`, both or neither, of one to some hundred days, and perhaps `tz`."""
    first = draw(st.sampled_from(ANCHORS)).date() + timedelta(days=draw(st.integers(-3, 3)))
    length = draw(st.sampled_from([1, 1, 2, 2, 3, 10, 365, 400, 401, 800]))
    asked = {"from": str(first), "to": str(min(first + timedelta(days=length - 1), date(2027, 1, 1)))}
    kept = draw(st.sampled_from([(), ("from",), ("to",), ("from", "to"), ("from", "to")]))
    zone = draw(st.just({}) | zones.map(lambda name: {"tz": name}))
    return {**zone, **{name: asked[name] for name in kept}}


comparisons = st.sampled_from([{}, {"compare": "previous"}, {"compare": "year"}])
questions = st.builds(lambda a, b, c: {**a, **b, **c}, few_filters, ranges(), comparisons)
