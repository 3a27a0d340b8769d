"""The page of a partner's numbers."""

from flask import Blueprint, Response, make_response, render_template
from werkzeug.wrappers import Response as AnyResponse

from wihy.core.access import allow, anyone
from wihy.core.capabilities import InvalidAccessToken
from wihy.core.capability_pages import is_staff, private
from wihy.core.errors import InvalidRequest
from wihy.core.limits import limit_by_address
from wihy.core.paths import check_tracking_id
from wihy.core.qr import MIMETYPES, Kind, qr_picture
from wihy.core.settings import settings
from wihy.core.streaming import csv_download
from wihy.partners.access import Access
from wihy.partners.entrance import enter, given_token, note_visit, send_on
from wihy.partners.shown import days_of, shown_to
from wihy.partners.state import State
from wihy.tracking.urls import partner_url

routes = Blueprint("partners_pages", __name__)


@routes.get("/engagement/<tracking_id>")
@allow(anyone)
@limit_by_address("rate_limit_analytics", exempt=is_staff)
def show_engagement(tracking_id: str) -> AnyResponse:
    """Show the numbers of one id: all of them to staff and who brought its token, else the public part.

    A token that no longer opens the page is told so; one that does leaves the address bar for a cookie.
    """
    check_tracking_id("trackingId", tracking_id)
    try:
        access = enter(tracking_id)
    except InvalidAccessToken as refusal:
        return private(make_response(_ended(tracking_id, refusal), refusal.status))
    token = given_token()
    if token:
        return private(send_on(tracking_id, token))
    asked = State.of_request()
    if access is Access.PRIVATE:
        note_visit(tracking_id)
    page = shown_to(access, tracking_id, asked)
    return private(make_response(render_template("partners/engagement.html", **page, is_staff=is_staff())))


@routes.get("/engagement/<tracking_id>/clicks.csv")
@allow(anyone)
@limit_by_address("rate_limit_analytics", exempt=is_staff)
def download_clicks(tracking_id: str) -> Response:
    """Send what the page counts by day: to the public clicks, else conversions too."""
    check_tracking_id("trackingId", tracking_id)
    access = enter(tracking_id)
    rows = days_of(access, tracking_id, State.of_request())
    head = ["day", "clicks", "conversions"] if access is Access.PRIVATE else ["day", "clicks"]
    return private(csv_download(f"{tracking_id}.csv", head, rows))


@routes.get(f"/engagement/<tracking_id>/qr.<any({', '.join(MIMETYPES)}):kind>")
@allow(anyone)
@limit_by_address("rate_limit_analytics", exempt=is_staff)
def show_qr(tracking_id: str, kind: Kind) -> Response:
    """Show the partner's own link, with the `campaign` asked for, as a QR code."""
    check_tracking_id("trackingId", tracking_id)
    if enter(tracking_id) is not Access.PRIVATE:
        raise InvalidAccessToken("missing")
    url = partner_url(settings().site_url, tracking_id, State.of_request().campaign)
    try:
        picture = qr_picture(url, kind)
    except ValueError as error:
        raise InvalidRequest.at("campaign", str(error)) from None
    response = Response(picture, mimetype=MIMETYPES[kind])
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def _ended(tracking_id: str, refusal: InvalidAccessToken) -> str:
    reason, ended_at = refusal.reason, refusal.at
    return render_template(
        "partners/link_ended.html",
        reason=reason,
        tracking_id=tracking_id,
        ended_at=ended_at,
        contact_email=settings().partner_contact,
    )
