"""What partners' access and numbers are asked with, and what is told of them."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool

from wihy.analytics.service import Activity, Range
from wihy.core.capabilities import Status
from wihy.core.emails import check_email
from wihy.core.schemas import Incoming, MomentOut, Outgoing, Printable, Query, Text, TrackingId
from wihy.core.texts import Language
from wihy.partners.access import Access
from wihy.partners.engagement import Engagement
from wihy.partners.listing import PAGE, ListedPartner
from wihy.partners.service import DEFAULT_DAYS, LONGEST_DAYS, Issued
from wihy.partners.urls import page_url

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


def _stripped(given: object) -> object:
    return given.strip() if isinstance(given, str) else given


Days = Annotated[int, Field(ge=1, le=LONGEST_DAYS, strict=True, examples=[DEFAULT_DAYS])]


class NewPartner(Incoming):
    """A partner to be given access to their numbers."""

    tracking_id: TrackingId = Field(description="What stands as `ref` in their links.")
    partner_name: Annotated[Printable, BeforeValidator(_stripped)] | None = None
    email: (
        Annotated[
            Text,
            Field(max_length=1024, examples=["john@example.com"]),
            AfterValidator(check_email),
            BeforeValidator(_stripped),
        ]
        | None
    ) = None
    language: Language | None = Field(
        default=None, description="What invitations are written in. Default: English.", examples=["fr"]
    )
    expires_in_days: Days = Field(default=DEFAULT_DAYS, description="How long the token works.")
    invite: StrictBool = Field(default=False, description="Also mail them the link; needs `email`.")


class NewTerm(Incoming):
    """How long a new token works."""

    expires_in_days: Days | None = Field(
        default=None,
        description="Left out: as long as the one before would have, or a year where that has ended.",
    )


class IssuedAnswer(Outgoing):
    """A token that was just made, shown this once."""

    success: bool = True
    tracking_id: str = Field(examples=["partner_john"])
    access_token: str = Field(description="43 characters. Only a digest is kept.")
    dashboard_url: str = Field(
        description="The link to send: it opens all of the partner's page.",
        examples=[
            "https://wihy.ai/engagement/partner_john?token=f3Jx0d8Qm1xw2kJ5yXg9l0b7cVtq4ZsUeR6oA1pNhKE"
        ],
    )
    expires_at: MomentOut | None = Field(examples=["2027-11-20T10:30:00.000Z"])

    @classmethod
    def of(cls, issued: Issued) -> Self:
        """Return the answer that shows the token of `issued`."""
        partner, token = issued
        return cls(
            tracking_id=partner.tracking_id,
            access_token=token,
            dashboard_url=page_url(partner.tracking_id, token),
            expires_at=partner.expires_at,
        )


class RevokedAnswer(Outgoing):
    """A partner whose link opens nothing any more."""

    success: bool = True
    tracking_id: str = Field(examples=["partner_john"])
    is_active: bool = Field(examples=[False])
    revoked_at: MomentOut | None


class PartnerQuery(Query):
    """Which partners to list."""

    q: Text | None = Field(
        default=None, max_length=255, description="Part of an id, a name or an e-mail, in any case."
    )
    active: bool | None = Field(
        default=None, description="`true`: only those whose link opens their page now; `false`: the others."
    )
    limit: Annotated[int, Field(ge=1, le=200)] = PAGE
    cursor: Text | None = Field(default=None, description="`nextCursor` of the page before.")


class PartnerJson(Outgoing):
    """A partner and what they brought."""

    id: UUID
    tracking_id: str = Field(examples=["partner_john"])
    partner_name: str | None = Field(examples=["John Smith"])
    email: str | None = Field(examples=["john@example.com"])
    language: str | None = Field(
        description="`null`: none was chosen; invitations are in English.", examples=["fr"]
    )
    created_at: MomentOut
    is_active: bool = Field(description="Whether their link opens their page now.")
    status: Status
    expires_at: MomentOut | None
    revoked_at: MomentOut | None = Field(examples=[None])
    last_seen_at: MomentOut | None = Field(
        description="When they last opened their page, to the minute; `null`: never."
    )
    clicks: int = Field(examples=[1250])
    visitors: int = Field(examples=[980])
    conversions: int = Field(examples=[340])
    inflated: bool = Field(
        description="More than 5 clicks a visitor: perhaps somebody clicks their own link.", examples=[False]
    )

    @classmethod
    def of(cls, one: ListedPartner) -> Self:
        """Return `one` as staff may see it."""
        partner, figures = one.partner, one.figures
        return cls(
            id=partner.id,
            tracking_id=partner.tracking_id,
            partner_name=partner.partner_name,
            email=partner.email,
            language=partner.language,
            created_at=partner.created_at,
            is_active=partner.status is Status.ACTIVE,
            status=partner.status,
            expires_at=partner.expires_at,
            revoked_at=partner.revoked_at,
            last_seen_at=partner.last_seen_at,
            clicks=figures.clicks,
            visitors=figures.visitors,
            conversions=figures.conversions,
            inflated=one.is_inflated,
        )


class PartnersAnswer(Outgoing):
    """Some partners, newest first."""

    partners: list[PartnerJson]
    next_cursor: str | None = Field(description="Where the next page begins; `null`: there is none.")
