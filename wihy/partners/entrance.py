"""How a partner comes in: by the token of their link once, then by a cookie that holds it.

So the token stands in no history, no bookmark and no picture of the screen. The cookie is judged as the token is.
"""

from datetime import timedelta
from urllib.parse import urlencode

from flask import Response, redirect, request

from wihy.core.access import Kind, who_asks
from wihy.core.clock import now
from wihy.core.settings import settings
from wihy.partners.access import Access, judge
from wihy.partners.queries import find_partner

COOKIE = "wihy_partner"
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
        answer.set_cookie(
            COOKIE,
            token,
            path=f"/engagement/{tracking_id}",
            expires=min(partner.expires_at or latest, latest),
            secure=settings().is_production,
            httponly=True,
            samesite="Lax",
        )
    return answer  # type: ignore[return-value]
