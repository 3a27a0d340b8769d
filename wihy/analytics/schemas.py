"""What the figures' answers hold."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, PlainSerializer

from wihy.analytics.filters import Filters, FilterText
from wihy.core.schemas import MomentOut, Outgoing

LONGEST_PAGE = 200
LocalMoment = Annotated[
    datetime, PlainSerializer(lambda at: at.isoformat(timespec="seconds"), return_type=str)
]
Clicks = Annotated[int, Field(description="Inbound events.", examples=[1250])]
Conversions = Annotated[int, Field(description="Outbound events.", examples=[340])]
Visitors = Annotated[
    int, Field(description="Visitors, counted once a UTC day, where they came first.", examples=[910])
]
Events = Annotated[int, Field(description="Events of both kinds.", examples=[1590])]
EventsByName = dict[str, Events]


class Paged(Filters):
    """A selection in a range, a page at a time."""

    limit: Annotated[int, Field(ge=1, le=LONGEST_PAGE)] = 50
    cursor: FilterText | None = Field(default=None, description="`nextCursor` of the page before.")


class EventList(Paged):
    """Which events to list, and how."""

    bots: Literal["0", "1"] = Field(default="0", description="`1` lists known bots too, marked by `bot`.")
    format: Literal["json", "csv", "ndjson"] = Field(
        default="json",
        description="`csv` and `ndjson` stream all events from `cursor` (default: the newest) on.",
    )


class Counts(Outgoing):
    """What is counted of some events."""

    clicks: Clicks
    conversions: Conversions
    visitors: Visitors
    events: Events


class Total(Counts):
    """Sums of a selection."""

    conversion_rate: int = Field(
        description="Conversions of 100 clicks, half rounded up; 0 without clicks; may exceed 100.",
        examples=[27],
    )
    bots: int = Field(description="Events of known bots, which are in no other figure.", examples=[12])


class PointJson(Counts):
    """One point of a series."""

    at: LocalMoment = Field(
        description="Where it begins in `tz`, with offset; the first one begins with the range.",
        examples=["2026-11-20T00:00:00+03:00"],
    )


class NamedFigures(Counts):
    """One line of a breakdown."""

    name: str = Field(examples=["Kickstarter"])


class PartnerFigures(Counts):
    """One line of the breakdown by partners and sources: the figures of `partner=<id>`."""

    id: str = Field(examples=["partner_john"])
    name: str | None = Field(
        description="The partner's name; null for other sources.", examples=["John Smith"]
    )


class RecentEvent(Outgoing):
    """An event as it was sent."""

    id: UUID
    referrer: str = Field(examples=["partner_john"])
    campaign: str = Field(examples=["facebook_nov"])
    timestamp: MomentOut = Field(examples=["2026-11-20T10:30:00.000Z"])
    landing_page: str = Field(examples=["/about"])
    original_source: str | None = Field(examples=["facebook"])
    destination_url: str | None = Field(examples=["https://kickstarter.com/projects/wihy"])
    event_type: str | None = Field(examples=["outbound"])


class EventJson(RecentEvent):
    """A stored event; the hash of its address is told to nobody."""

    link: str | None = Field(description="Slug of the saved link that was followed.", examples=["trail"])
    user_agent: str | None = Field(description="Null once anonymised.")
    session_id: str | None
    new_visitor: bool = Field(description="Whether a visitor was counted with it.")
    bot: bool


class Stats(Outgoing):
    """Figures of a selection; maps and lists hold the first 100 by number of events, equal ones by name."""

    total_events: Events
    by_referrer: EventsByName = Field(examples=[{"partner_john": 1250, "partner_sarah": 890}])
    by_campaign: EventsByName = Field(examples=[{"facebook_nov": 1500, "instagram_story": 980}])
    by_landing_page: EventsByName = Field(examples=[{"/about": 2300, "/": 1800}])
    recent: list[RecentEvent] = Field(description="The last 20, newest first.")
    totals: Total
    previous: Total | None = Field(description="Totals of what `compare` names; null without it or a range.")
    series: list[PointJson] = Field(
        description="Ascending, zeros included: by hour up to 2 days, by day up to 400, else by month."
    )
    by_partner: list[PartnerFigures]
    by_destination: list[NamedFigures] = Field(description="Of outbound events.")
    by_source: list[NamedFigures] = Field(description="By original source.")


class ReferrerEvents(Outgoing):
    """What `partner=<referrerId>` selects; an unknown id has zeros."""

    referrer_id: str = Field(examples=["partner_john"])
    name: str | None = Field(
        description="The partner's name; null for other sources.", examples=["John Smith"]
    )
    total_clicks: Clicks
    totals: Total
    campaigns: dict[str, Clicks] = Field(
        description="Clicks of each campaign that has any; they add up to `totalClicks`.",
        examples=[{"facebook_nov": 450, "instagram_story": 320}],
    )
    events: list[RecentEvent] = Field(description="Newest first.")
    next_cursor: str | None = Field(description="Where the next page begins; null on the last one.")


class EventPage(Outgoing):
    """A page of events, newest first."""

    events: list[EventJson]
    next_cursor: str | None = Field(description="Where the next page begins; null on the last one.")
