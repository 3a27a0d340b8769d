"""Events as the dashboard's table shows them."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from wihy.analytics.service import Activity
from wihy.partners.queries import names_of
from wihy.tracking.models import EventType


def event_rows(activity: Sequence[Activity]) -> list[dict[str, Any]]:
    """Return `activity` with partners by name, and who first brought the visitor where that was another."""
    names = names_of({id_ for one in activity for id_ in (one.referrer, one.original_source)})
    return [
        {
            "id": one.id,
            "at": one.timestamp,
            "outbound": one.event_type == EventType.OUTBOUND,
            "partner": names.get(one.referrer, one.referrer),
            "partner_url": referrer_url(one.referrer),
            "campaign": one.campaign,
            "page": one.landing_page,
            "destination": one.destination,
            "first_brought_by": None
            if one.original_source == one.referrer
            else names.get(one.original_source, one.original_source),
        }
        for one in activity
    ]


def referrer_url(referrer: str) -> str:
    """Return the address of the page about one partner or source."""
    return f"/tracking-dashboard/referrers/{quote(referrer, safe='')}"
