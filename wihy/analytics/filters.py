"""Which events a figure is about: what an address asks for, and the conditions it means.

A `Selection` compares texts in the form that figures show; a `Range` names days of a time zone.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator
from sqlalchemy import ColumnElement, and_, or_

from wihy.analytics import periods
from wihy.analytics.periods import Comparison, Period
from wihy.core.days import FIRST_DAY, DayIn, ZoneName, not_before_first
from wihy.core.schemas import Query, Text
from wihy.tracking.models import Combination, EventType

LONGEST_TEXT = 2048


class Dimension(StrEnum):
    """What events are told apart by; each is also the name of the filter that picks one of its values."""

    PARTNER = "partner"
    REFERRER = "referrer"
    CAMPAIGN = "campaign"
    LANDING_PAGE = "landing_page"
    DESTINATION = "destination"
    ORIGINAL_SOURCE = "original_source"


FilterText = Annotated[Text, Field(max_length=LONGEST_TEXT)]


class Range(Query):
    """Days of a time zone, both included."""

    from_: DayIn | None = Field(
        default=None,
        alias="from",
        description="First day. With `from` alone the range ends today; with `to` alone it begins with the"
        " first event; with neither, figures are of all time and series show the last 30 days.",
        examples=["2026-10-24"],
    )
    to: DayIn | None = Field(default=None, description="Last day, included.", examples=["2026-11-20"])
    tz: ZoneName = Field(
        default="UTC", description="IANA time zone in which days begin and end.", examples=["Africa/Nairobi"]
    )

    _in_order = field_validator("to")(not_before_first)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.tz)

    def resolve(self, now: datetime, first_event_at: datetime | None) -> Period | None:
        """Return the period asked for, None for all time; `first_event_at` is where all time begins."""
        if not (self.from_ or self.to):
            return None
        last = self.to or max(periods.today(self.zone, now), self.from_ or FIRST_DAY)
        begin = periods.today(self.zone, first_event_at) if first_event_at else last
        first = self.from_ or min(last, begin)
        return periods.days(first, last, self.zone)


class Selection(Query):
    """Conditions on events; all that are given hold at once."""

    referrer: FilterText | None = Field(default=None, description="Id of who sent the visitor.")
    campaign: FilterText | None = Field(default=None, description="Campaign.")
    landing_page: FilterText | None = Field(
        default=None,
        description="Landing page as figures show it: the path without query, with a foreign host.",
    )
    original_source: FilterText | None = Field(default=None, description="What first brought the visitor.")
    destination: FilterText | None = Field(
        default=None, description="Destination as figures show it.", examples=["Kickstarter"]
    )
    event_type: EventType | None = Field(default=None, description="One kind of event.")
    link: FilterText | None = Field(default=None, description="Slug of a saved link.")
    partner: FilterText | None = Field(
        default=None,
        description="Inbound events this id sent, and outbound ones of visitors it first brought.",
    )

    @property
    def conditions(self) -> Sequence[ColumnElement[bool]]:
        """The conditions on `combinations` that hold for the selected events."""
        compared = {
            Combination.referrer: self.referrer,
            Combination.campaign: self.campaign,
            Combination.landing_page: self.landing_page,
            Combination.original_source: self.original_source,
            Combination.destination: self.destination,
            Combination.event_type: self.event_type,
            Combination.link_slug: self.link,
        }
        found = [column == value for column, value in compared.items() if value is not None]
        return found if self.partner is None else [*found, _of_partner(self.partner)]

    @property
    def is_of_one_partner_at_most(self) -> bool:
        """Whether nothing but `partner` is asked for, if that."""
        return not self.model_copy(update={"partner": None}).conditions

    def without(self, dimension: Dimension) -> Self:
        """Return the selection with one of its filters taken off."""
        return self.model_copy(update={dimension.value: None})


class Filters(Selection, Range):
    """A selection in a range, and what to compare it with."""

    compare: Comparison | None = Field(
        default=None,
        description="Fills `previous` where there is a range. `previous`: as many days, directly before it."
        " `year`: the same dates one year earlier (28 February for the 29th).",
    )


def _of_partner(partner: str) -> ColumnElement[bool]:
    sent = and_(Combination.event_type == EventType.INBOUND, Combination.referrer == partner)
    brought = and_(Combination.event_type == EventType.OUTBOUND, Combination.original_source == partner)
    return or_(sent, brought)
