"""The way in, and what robots may read."""

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from wihy.core.access import Kind, allow, anyone, who_asks
from wihy.core.client_address import client_address
from wihy.core.limits import check_capture_limit
from wihy.core.paths import is_tracking_id
from wihy.core.sending_on import send_on
from wihy.core.settings import settings
from wihy.tracking.service import Arrival, capture_arrival
from wihy.tracking.urls import EVENT_ID, OWN_SOURCE, tracking_url, with_event

routes = Blueprint("web_pages", __name__)

HOMES = {Kind.STAFF: "/tracking-dashboard", Kind.CUSTOMER: "/me"}
HIDDEN_FROM_ROBOTS = ("/engagement", "/tickets", "/l", "/share", "/api")
ROBOTS = "User-agent: *\n" + "".join(f"Disallow: {path}\n" for path in HIDDEN_FROM_ROBOTS)


@routes.get("/")
@allow(anyone)
def show_home() -> AnyResponse:
    """Lead people to their own first page, strangers to the sign-in, and who was referred to the marketed site."""
    if request.args.get("ref"):
        return _send_referred()
    return redirect(HOMES.get(who_asks().kind, "/login"))


def _send_referred() -> AnyResponse:
    """Capture who comes through a partner's own link to WIHY, and lead on to where such links lead.

    With who referred and why, so that the script of a site there remembers it.
    """
    arrival = _arrival()
    event_id = None
    if request.method != "HEAD":
        event_id = capture_arrival(arrival, request.headers, client_address(), check_capture_limit)
    destination = settings().default_destination
    if destination.rstrip("/") == settings().public_url:
        return send_on("/login")
    if not is_tracking_id(arrival.referrer):
        return send_on(destination)
    url = tracking_url(destination, arrival.referrer, arrival.campaign, arrival.original_source)
    return send_on(with_event(url, event_id) if event_id else url)


def _arrival() -> Arrival:
    asked = request.args.get
    source = asked("utm_source")
    return Arrival(
        referrer=asked("ref", ""),
        landing_page=settings().default_destination,
        campaign=asked("campaign") or asked("utm_campaign"),
        original_source=source if source != OWN_SOURCE else None,
        event_id=asked(EVENT_ID),
    )


@routes.get("/robots.txt")
@allow(anyone)
def show_robots() -> Response:
    """Tell crawlers what is not for them: pages behind tokens, and clicks that are none."""
    return Response(ROBOTS, mimetype="text/plain", headers={"Cache-Control": "public, max-age=86400"})
