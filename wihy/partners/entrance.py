"""How a partner comes in: by the token of their link once, then by a cookie that holds it.

So the token stands in no history, no bookmark and no picture of the screen. The cookie is judged as the token is. A
second one goes to the live channel alone, so that the open page hears what is captured for it.
"""

import logging
from datetime import timedelta
from urllib.parse import urlencode

from flask import Response, redirect, request
from sqlalchemy.exc import SQLAlchemyError

from wihy.core.access import Kind, who_asks
from wihy.core.clock import now
from wihy.core.database import transaction
from wihy.core.settings import settings
from wihy.partners.access import Access, judge
from wihy.partners.queries import find_partner
from wihy.partners.service import is_due, note_visit
from wihy.partners.urls import live_cookie

logger = logging.getLogger(__name__)

COOKIE = "wihy_partner"
LIVE_PATH = "/socket.io"
LONGEST = timedelta(days=400)  # browsers keep no cookie for longer


def is_staff() -> bool:
    """Whether staff ask."""
    return who_asks().kind is Kind.STAFF


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
    rest = urlencode([(name, text) for name, text in request.args.items(multi=True) if name != "token"])
    answer = redirect(f"{request.path}?{rest}" if rest else request.path, 303)
    partner = find_partner(tracking_id)
    if partner and not is_staff():
        latest = now() + LONGEST
        for name, path in (
            (COOKIE, f"/engagement/{tracking_id}"),
            (live_cookie(tracking_id), LIVE_PATH),
        ):
            answer.set_cookie(
                name,
                token,
                path=path,
                expires=min(partner.expires_at or latest, latest),
                secure=settings().is_production,
                httponly=True,
                samesite="Lax",
            )
    return answer  # type: ignore[return-value]


def remember_visit(tracking_id: str) -> None:
    """Write down that the partner looks at their page; staff who look are not the partner."""
    partner = None if is_staff() else find_partner(tracking_id)
    if partner is None or not is_due(partner):
        return
    try:
        with transaction():
            note_visit(partner.id)
    except SQLAlchemyError:
        logger.warning("could not write down that a partner looked at their page", exc_info=True)
