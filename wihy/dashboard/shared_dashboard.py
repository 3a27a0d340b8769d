"""Shared dashboards, for who has the link: `/share/<token>` leads to `/share/<id>`, where the dashboard is locked.

Nothing on it leads to the staff's pages, and of events it shows only what figures do. That a staff user may see all of
it is no reason to show them more here: they look at what others see.
"""

from typing import Any
from uuid import UUID

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from wihy.analytics import service as analytics
from wihy.core.access import allow, anyone
from wihy.core.capabilities import InvalidAccessToken
from wihy.core.capability_pages import is_staff, keep_token, lead_to, private
from wihy.core.limits import limit_by_address
from wihy.core.settings import settings
from wihy.core.viewer import viewer_zone
from wihy.core.visits import remember_visit
from wihy.dashboard import menus, traffic
from wihy.dashboard.activity import event_rows
from wihy.dashboard.first_screen import View
from wihy.dashboard.state import State
from wihy.shares.models import ShareLink
from wihy.shares.service import judge, open_share
from wihy.shares.urls import PREFIX, page_path

routes = Blueprint("dashboard_shared", __name__)

COOKIE = "wihy_share"


@routes.get(f"{PREFIX}/<path:token>")
@allow(anyone)
@limit_by_address("rate_limit_analytics", exempt=is_staff)
def enter_shared(token: str) -> Response:
    """Lead who comes by a link to the dashboard it opens; their browser keeps the token, for that page alone."""
    try:
        share = open_share(token)
    except InvalidAccessToken as refusal:
        return _ended(refusal)
    answer = lead_to(page_path(share.id))
    if not is_staff():
        keep_token(answer, token, share.expires_at, {COOKIE: page_path(share.id)})
    return private(answer)


@routes.get(f"{PREFIX}/<uuid:share_id>")
@allow(anyone)
@limit_by_address("rate_limit_analytics", exempt=is_staff)
def show_shared(share_id: UUID) -> Response:
    """Show the dashboard, locked to the filters of the share."""
    try:
        share = judge(share_id, request.cookies.get(COOKIE), is_staff=is_staff())
    except InvalidAccessToken as refusal:
        return _ended(refusal)
    state = State.of_request(viewer_zone()).locked_to(share.selection)
    view = View.of(page_path(share.id), state)
    if not is_staff():
        remember_visit(share)
    return private(make_response(render_template("dashboard/shared.html", **_shown(share, view))))


def _shown(share: ShareLink, view: View) -> dict[str, Any]:
    activity = analytics.list_activity(view.state, view.period, limit=traffic.RECENT).activity
    return {
        "share": share,
        "is_staff": is_staff(),
        "period": menus.period_menu(view.path, view.state, view.period),
        "comparison": menus.comparison_menu(view.path, view.state, view.period),
        **traffic.figures(view),
        "events": [row | {"id": None, "partner_url": None} for row in event_rows(activity)],
        "period_in_words": menus.period_in_words(view.state),
    }


def _ended(refusal: InvalidAccessToken) -> Response:
    page = render_template(
        "dashboard/share_ended.html",
        reason=refusal.reason,
        ended_at=refusal.at,
        contact_email=settings().partner_contact,
    )
    return private(make_response(page, refusal.status))
