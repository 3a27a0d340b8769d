"""One CSRF token guards forms and the API writes that a cookie vouches for.

The token comes from `csrf_token()` in templates, and back in the field `csrf_token` or the header `X-CSRFToken`.
"""

from flask import Flask, request
from flask_wtf.csrf import CSRFError, CSRFProtect

from wihy.core.errors import InvalidRequest, wants_json

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

_protection = CSRFProtect()


def register(app: Flask) -> None:
    """Give `app`'s templates the token; the access marks do the checking, where they know who asks."""
    app.config.update(
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
    _protection.init_app(app)


def check(*, by_cookie: bool) -> None:
    """Refuse the current request if it writes, could come from another site, and carries no token."""
    if request.method in SAFE or (wants_json() and not by_cookie):
        return
    try:
        _protection.protect()
    except CSRFError as error:
        raise InvalidRequest(
            "This form is out of date: reload the page and send it again",
            details=[{"field": "csrf_token", "message": str(error.description)}],
        ) from None
