"""The page of a partner's numbers."""

from flask import Blueprint, Response, make_response, render_template, request
from pydantic import ValidationError

from wihy.core.access import allow, anyone
from wihy.core.errors import InvalidRequest
from wihy.core.limits import limit_by_address
from wihy.core.paths import check_tracking_id
from wihy.core.settings import settings
from wihy.partners.access import Access, InvalidAccessToken
from wihy.partners.entrance import enter, given_token, is_staff, remember_visit, send_on
from wihy.partners.shown import PageQuery, shown_to

routes = Blueprint("partners_pages", __name__)


@routes.get("/engagement/<tracking_id>")
@allow(anyone)
@limit_by_address("rate_limit_analytics", exempt=is_staff)
def show_engagement(tracking_id: str) -> Response:
    """Show the numbers of one id: all of them to staff and who brought its token, else the public part.

    A token that no longer opens the page is told so; one that does leaves the address bar for a cookie.
    """
    check_tracking_id("trackingId", tracking_id)
    try:
        access = enter(tracking_id)
    except InvalidAccessToken as refusal:
        return _private(make_response(_ended(tracking_id, refusal), refusal.status))
    token = given_token()
    if token:
        return _private(send_on(tracking_id, token))
    try:
        asked = PageQuery.model_validate(request.args.to_dict())
    except ValidationError as error:
        raise InvalidRequest.of(error) from None
    if access is Access.PRIVATE:
        remember_visit(tracking_id)
    page = shown_to(access, tracking_id, asked)
    return _private(make_response(render_template("partners/engagement.html", **page, is_staff=is_staff())))


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
