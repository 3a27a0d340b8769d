"""The staff's tracking pages."""

from flask import Blueprint, render_template

from wihy.analytics import service as analytics
from wihy.analytics.service import Selection
from wihy.core.access import allow, staff
from wihy.core.errors import NotFound
from wihy.core.paths import check_tracking_id
from wihy.core.settings import settings
from wihy.core.viewer import viewer_zone
from wihy.dashboard import traffic
from wihy.dashboard.activity import referrer_url
from wihy.dashboard.breakdowns import breakdown
from wihy.dashboard.cards import CARDS
from wihy.dashboard.first_screen import View
from wihy.dashboard.state import State, url
from wihy.partners.queries import ids_of_partners, names_of

routes = Blueprint("dashboard", __name__)

DASHBOARD = "/tracking-dashboard"
REFERRER_CARDS = ("campaigns", "landing_pages", "destinations")
CARD_BY_SLUG = {card.slug: card for card in CARDS.values()}


@routes.get(DASHBOARD)
@allow(staff)
def show_traffic() -> str:
    """Show all traffic, or (`part`) only what a live refresh puts in."""
    view = View.of(DASHBOARD, State.of_request(viewer_zone()))
    if view.state.part == "figures":
        return render_template("dashboard/_figures.html", **traffic.figures(view))
    if view.state.part == "recent":
        return render_template("dashboard/_recent.html", **traffic.recent(view))
    if not analytics.has_events(Selection()):
        return render_template("dashboard/first_run.html", public_url=settings().public_url)
    return render_template(
        "dashboard/traffic.html", **traffic.bar(view), **traffic.figures(view), **traffic.recent(view)
    )


@routes.get(f"{DASHBOARD}/<slug>")
@allow(staff)
def show_breakdown(slug: str) -> str:
    """Show one card in full."""
    card = CARD_BY_SLUG.get(slug)
    if card is None:
        raise NotFound
    view = View.of(f"{DASHBOARD}/{slug}", State.of_request(viewer_zone()))
    return render_template("dashboard/breakdown.html", **breakdown(view, card, DASHBOARD))


@routes.get(f"{DASHBOARD}/referrers/<referrer_id>")
@allow(staff)
def show_referrer(referrer_id: str) -> str:
    """Show one partner or source."""
    check_tracking_id("referrerId", referrer_id)
    state = State.of_request(viewer_zone()).model_copy(update={"partner": referrer_id})
    view = View.of(referrer_url(referrer_id), state)
    shown = traffic.figures(view, REFERRER_CARDS)
    named = names_of([referrer_id]).get(referrer_id)
    return render_template(
        "dashboard/referrer.html",
        partner={"id": referrer_id, "name": named, "engagement_url": _engagement_url(referrer_id)},
        **traffic.bar(view),
        back_url=url(DASHBOARD, partner=None),
        **shown,
        **traffic.listed(view),
    )


def _engagement_url(referrer_id: str) -> str | None:
    """Return the address of the partner's own page, None where there is none."""
    has_page = analytics.is_known(referrer_id) or referrer_id in ids_of_partners({referrer_id})
    return f"/engagement/{referrer_id}" if has_page else None
