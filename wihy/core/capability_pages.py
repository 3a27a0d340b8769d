"""Pages that a capability link opens: by its token once, then by a cookie that holds it.

So the token stands in no history, no bookmark and no picture of the screen. The cookie is judged as the token is.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import urlencode

from flask import redirect, request
from werkzeug.wrappers import Response as AnyResponse

from wihy.core.access import Kind, who_asks
from wihy.core.clock import now
from wihy.core.settings import settings

LONGEST = timedelta(days=400)  # browsers keep no cookie for longer
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex",
}

Answer = TypeVar("Answer", bound=AnyResponse)


def is_staff() -> bool:
    """Whether staff ask."""
    return who_asks().kind is Kind.STAFF


def lead_to(path: str) -> AnyResponse:
    """Lead to `path` with what the address asks for, but the token."""
    rest = urlencode([(name, text) for name, text in request.args.items(multi=True) if name != "token"])
    return redirect(f"{path}?{rest}" if rest else path, 303)


def keep_token(
    answer: AnyResponse, token: str, expires_at: datetime | None, cookies: Mapping[str, str]
) -> None:
    """Have the browser keep `token`, as long as it may work, in `cookies`: name → path, which alone gets it."""
    latest = now() + LONGEST
    for name, path in cookies.items():
        answer.set_cookie(
            name,
            token,
            path=path,
            expires=min(expires_at or latest, latest),
            secure=settings().is_production,
            httponly=True,
            samesite="Lax",
        )


def private(answer: Answer) -> Answer:
    """Keep the page, and the token that may stand in its address, to whoever opened it."""
    answer.headers.update(HEADERS)
    return answer
