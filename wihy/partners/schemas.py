"""What the engagement of an id is asked with, and what is told of it."""

from datetime import date
from typing import Self

from pydantic import Field

from wihy.analytics.service import Activity, Range
from wihy.core.schemas import MomentOut, Outgoing, Text
from wihy.partners.access import Access
from wihy.partners.service import Engagement

Day = date  # a field is called `date` itself


class EngagementQuery(Range):
    """The token that opens the private part, and the days to count."""

    token: Text | None = Field(
        default=None, description="Access token for private numbers; also taken as bearer."
    )


class CampaignClicks(Outgoing):
    """A campaign and its inbound events."""

    campaign: str = Field(examples=["facebook_nov"])
    clicks: int = Field(examples=[450])


class DestinationClicks(Outgoing):
    """A destination and its outbound events."""

    name: str = Field(examples=["Kickstarter"])
    clicks: int = Field(examples=[280])


class ActivityJson(Outgoing):
    """One event."""

    timestamp: MomentOut = Field(examples=["2026-11-20T10:30:00.000Z"])
    campaign: str = Field(examples=["facebook_nov"])
    destination: str | None = Field(
        description="Where it led: a destination, or of an inbound event its landing page.",
        examples=["Kickstarter"],
    )
    event_type: str = Field(examples=["outbound"])

    @classmethod
    def of(cls, one: Activity) -> Self:
        """Return `one` as a partner may see it: without the event's id, or another partner's."""
        return cls(
            timestamp=one.timestamp, campaign=one.campaign, destination=one.led_to, event_type=one.event_type
        )


class DayClicks(Outgoing):
    """A day of `tz` and its inbound events."""

    date: Day = Field(examples=["2026-11-20"])
    clicks: int = Field(examples=[45])


class EngagementAnswer(Outgoing):
    """The numbers of one id."""

    tracking_id: str = Field(examples=["partner_john"])
    access: Access = Field(description="`public`: totals and clicks by day only, the three lists are empty.")
    total_clicks: int = Field(description="Inbound events it sent.", examples=[1250])
    total_conversions: int = Field(
        description="Outbound events of visitors it first brought.", examples=[340]
    )
    conversion_rate: int = Field(description="Conversions of 100 clicks, half rounded up.", examples=[27])
    bots: int = Field(description="Events of known bots, which are in no other figure.", examples=[12])
    top_campaigns: list[CampaignClicks] = Field(description="The first 5 by clicks.")
    destinations: list[DestinationClicks] = Field(description="The first 100 by conversions.")
    recent_activity: list[ActivityJson] = Field(description="The last 20 events, newest first.")
    clicks_by_day: list[DayClicks] = Field(
        description="Newest first, zeros included; without a range the last 30 days."
    )

    @classmethod
    def of(cls, tracking_id: str, access: Access, found: Engagement) -> Self:
        """Return `found` as it is told."""
        return cls(
            tracking_id=tracking_id,
            access=access,
            total_clicks=found.totals.clicks,
            total_conversions=found.totals.conversions,
            conversion_rate=found.totals.conversion_rate,
            bots=found.totals.bots,
            top_campaigns=[CampaignClicks(campaign=name, clicks=n) for name, n in found.top_campaigns],
            destinations=[DestinationClicks(name=name, clicks=n) for name, n in found.destinations],
            recent_activity=[ActivityJson.of(one) for one in found.recent_activity],
            clicks_by_day=[DayClicks(date=day, clicks=n) for day, n in found.clicks_by_day],
        )
