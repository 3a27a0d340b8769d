"""Routes of partners' numbers."""

from flask import Blueprint, request

from wihy.core.access import Kind, allow, anyone, who_asks
from wihy.core.limits import limit_by_address
from wihy.core.openapi import Answer, answers, spec
from wihy.core.paths import check_tracking_id
from wihy.partners.access import Access, judge
from wihy.partners.engagement import get_engagement
from wihy.partners.entrance import note_visit
from wihy.partners.schemas import EngagementAnswer, EngagementQuery

routes = Blueprint("partners_api", __name__)

JWT_DOTS = 2


@routes.get("/<tracking_id>")
@allow(anyone)
@spec.validate(resp=answers(EngagementAnswer, refusals=(401, 404, 429)), tags=["Partners"])
@limit_by_address("rate_limit_analytics")
def show_engagement(tracking_id: str, query: EngagementQuery) -> Answer:
    """Tell the numbers of one id

    Everyone gets totals and clicks by day (unless `PUBLIC_ENGAGEMENT=off`), staff and who has the partner's
    token get everything. A token that does not open the page: 401 `INVALID_ACCESS_TOKEN`; `details` tells
    `missing`, `wrong`, `expired` or `revoked`, and `at` since when. An id without events or partner: 404.
    """
    check_tracking_id("trackingId", tracking_id)
    access = judge(tracking_id, _token(query), is_staff=who_asks().kind is Kind.STAFF)
    if access is Access.PRIVATE:
        note_visit(tracking_id)
    return EngagementAnswer.of(tracking_id, access, get_engagement(tracking_id, query, access))


def _token(query: EngagementQuery) -> str | None:
    """The partner's token of the current request; a bearer that signs somebody in is none."""
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    if query.token or scheme.lower() != "bearer":
        return query.token
    looks_like_jwt = bearer.count(".") == JWT_DOTS
    return None if looks_like_jwt and who_asks().is_authenticated else bearer.strip()
