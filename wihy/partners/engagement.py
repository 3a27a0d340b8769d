"""The numbers on a partner's page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from wihy.analytics import service as analytics
from wihy.analytics.service import (
    Activity,
    Dimension,
    Figures,
    Metric,
    Period,
    Range,
    Selection,
)
from wihy.core.errors import InvalidRequest, NotFound
from wihy.core.replica import reading
from wihy.partners.access import Access
from wihy.partners.models import PartnerAccess
from wihy.partners.queries import find_partner

TOP_CAMPAIGNS = 5
TOP_DESTINATIONS = 100
RECENT = 20
LONGEST_FOR_PUBLIC = 3_700


@dataclass(frozen=True, slots=True)
class Engagement:
    """The numbers of one id; the last three are empty for the public."""

    totals: Figures
    clicks_by_day: Sequence[tuple[date, int]]
    top_campaigns: Sequence[tuple[str, int]]
    destinations: Sequence[tuple[str, int]]
    recent_activity: Sequence[Activity]


def find_known(tracking_id: str) -> PartnerAccess | None:
    """Return the partner with this id, if it is one's; raises `NotFound` if it has no events either."""
    partner = find_partner(tracking_id)
    if partner is None and not analytics.is_known(tracking_id):
        raise NotFound("There is nothing under this id")
    return partner


def check_length(access: Access, period: Period | None) -> None:
    """Raise `InvalidRequest` where the public asks for more days than are worth counting one by one."""
    if access is Access.PUBLIC and period and (period.last - period.first).days >= LONGEST_FOR_PUBLIC:
        raise InvalidRequest.at("from", f"ask for at most {LONGEST_FOR_PUBLIC:,} days")


@reading
def get_engagement(tracking_id: str, asked: Range, access: Access) -> Engagement:
    """Return the numbers of `tracking_id` in the days `asked` for.

    Default: all time, by day the last 30. Raises `NotFound` for an id with neither events nor a partner, and
    `InvalidRequest` where the public asks for more days than are worth counting one by one.
    """
    selection = Selection(partner=tracking_id)
    find_known(tracking_id)
    period = analytics.period_of(asked)
    check_length(access, period)
    by_day = analytics.clicks_by_day(selection, period or analytics.default_period(asked.zone))
    counted = analytics.count_combinations(selection, period)
    totals = analytics.total(counted)
    if access is Access.PUBLIC:
        return Engagement(totals, by_day, (), (), ())
    campaigns = analytics.ranked(Dimension.CAMPAIGN, counted, Metric.CLICKS)[:TOP_CAMPAIGNS]
    destinations = analytics.ranked(Dimension.DESTINATION, counted, Metric.CONVERSIONS)[:TOP_DESTINATIONS]
    return Engagement(
        totals,
        by_day,
        top_campaigns=[(row.name, row.figures.clicks) for row in campaigns if row.figures.clicks],
        destinations=[(row.name, row.figures.conversions) for row in destinations],
        recent_activity=analytics.list_activity(selection, period, limit=RECENT).activity,
    )
