"""The page of a partner's numbers; for now its public part."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from wihy.analytics import service as analytics
from wihy.analytics.service import Range, Selection, Step
from wihy.core.access import Kind, allow, anyone, who_asks
from wihy.core.clock import now
from wihy.core.paths import check_tracking_id
from wihy.core.settings import settings
from wihy.core.viewer import viewer_zone
from wihy.partners.access import InvalidAccessToken, judge
from wihy.partners.queries import find_partner
from wihy.partners.service import get_engagement

routes = Blueprint("partners_pages", __name__)

TILES = ("clicks", "conversions", "rate")


@routes.get("/engagement/<tracking_id>")
@allow(anyone)
def show_engagement(tracking_id: str) -> Response:
    """Show the public numbers of one id; a token that no longer opens its page is told so."""
    check_tracking_id("trackingId", tracking_id)
    try:
        access = judge(tracking_id, request.args.get("token"), is_staff=who_asks().kind is Kind.STAFF)
    except InvalidAccessToken as refusal:
        return _private(make_response(_ended(tracking_id, refusal), refusal.status))
    found = get_engagement(tracking_id, Range.model_validate({"tz": viewer_zone()}), access)
    partner = find_partner(tracking_id)
    page = render_template(
        "partners/engagement.html",
        partner={"id": tracking_id, "name": partner.partner_name if partner else None},
        period=None,
        bots=found.totals.bots,
        tiles=analytics.tiles_of(found.totals, None, TILES),
        chart=_chart(tracking_id),
        contact_email=settings().partner_contact,
        time_zone=viewer_zone(),
    )
    return _private(make_response(page))


def _chart(tracking_id: str) -> dict[str, Any]:
    """Return the bars of the last 30 days, and which of them was best."""
    period = analytics.default_period(Range.model_validate({"tz": viewer_zone()}).zone)
    points = analytics.series(Selection(partner=tracking_id), period, Step.DAY)
    chart = analytics.chart_of(
        "clicks", points, ends_at=period.end, now=now(), kind="bar", step=Step.DAY.value
    )
    best = max(points, key=lambda point: point.figures.clicks)
    note = None
    if best.figures.clicks:
        note = {"at": best.at.date(), "clicks": best.figures.clicks}
    return chart | {"label": "Clicks by day", "best": note}


def _ended(tracking_id: str, refusal: InvalidAccessToken) -> str:
    reason, ended_at = refusal.reason, refusal.at
    return render_template(
        "partners/link_ended.html",
        reason=reason,
        tracking_id=tracking_id,
        ended_at=ended_at,
        contact_email=settings().partner_contact,
    )


def _private(response: Response) -> Response:
    """Keep the page, and the token that may stand in its address, to whoever opened it."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
