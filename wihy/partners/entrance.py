"""How a partner comes in: by the token of their link once, then by a cookie that holds it.

A second cookie goes to the live channel alone, so that the open page hears what is captured for it.
"""

from flask import request
from werkzeug.wrappers import Response

from wihy.core.capability_pages import is_staff, keep_token, lead_to
from wihy.core.visits import remember_visit
from wihy.partners.access import Access, judge
from wihy.partners.queries import find_partner
from wihy.partners.state import page_path
from wihy.partners.urls import live_cookie

COOKIE = "wihy_partner"
LIVE_PATH = "/socket.io"


def enter(tracking_id: str) -> Access:
    """Return how much of the page is shown to who asks; raises `InvalidAccessToken`.

    Staff need no token, so a cookie from trying a partner's link does not keep them out once it has ended.
    """
    kept = None if is_staff() else request.cookies.get(COOKIE)
    return judge(tracking_id, given_token() or kept or None, is_staff=is_staff())


def given_token() -> str | None:
    """Return the token in the address; an empty one is none."""
    return request.args.get("token") or None


def send_on(tracking_id: str, token: str) -> Response:
    """Lead to the same address without `token`, which has been judged; a partner's browser keeps it."""
    answer = lead_to(page_path(tracking_id))
    partner = find_partner(tracking_id)
    if partner and not is_staff():
        cookies = {COOKIE: page_path(tracking_id), live_cookie(tracking_id): LIVE_PATH}
        keep_token(answer, token, partner.expires_at, cookies)
    return answer


def note_visit(tracking_id: str) -> None:
    """Write down that the partner looks at their page; staff who look are not the partner."""
    partner = None if is_staff() else find_partner(tracking_id)
    if partner is not None:
        remember_visit(partner)
