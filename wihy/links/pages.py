"""Short addresses: `/l/<slug>`."""

from flask import Blueprint, request
from werkzeug.wrappers import Response

from wihy.core.access import allow, anyone
from wihy.core.client_address import client_address
from wihy.core.errors import NotFound
from wihy.core.limits import check_capture_limit
from wihy.core.sending_on import send_on
from wihy.links.targets import Target, find_target
from wihy.links.urls import PREFIX
from wihy.tracking.service import Arrival, capture_arrival
from wihy.tracking.urls import with_event

routes = Blueprint("links_pages", __name__)


@routes.get(f"{PREFIX}<slug>")
@allow(anyone)
def follow_link(slug: str) -> Response:
    """Capture who comes through a saved link, and lead on to where it says.

    Nowhere else, whatever the address asks. Where the click cannot be stored the visitor goes on without `wihy_id`,
    so that the script of the site counts them.
    """
    target = find_target(slug)
    if target is None:
        raise NotFound
    if request.method == "HEAD":
        return send_on(target.url)
    event_id = capture_arrival(_arrival(target), request.headers, client_address(), check_capture_limit)
    return send_on(with_event(target.url, event_id) if event_id else target.url)


def _arrival(target: Target) -> Arrival:
    return Arrival(
        referrer=target.referrer,
        landing_page=target.landing_page,
        campaign=target.campaign,
        original_source=target.source,
        link_slug=target.slug,
    )
