"""One CSRF token guards forms and the API writes that a cookie vouches for.

The token comes from `csrf_token()` in templates, and back in the field `csrf_token` or the header `X-CSRFToken`.
"""

from flask import Flask, request
from flask_wtf.csrf import generate_csrf, validate_csrf
from wtforms import ValidationError

from wihy.core.errors import InvalidRequest, wants_json
from wihy.core.sessions import FormSessions

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FIELD = "csrf_token"
HEADER = "X-CSRFToken"


def register(app: Flask) -> None:
    """Give `app`'s templates the token; the access marks do the checking, where they know who asks."""
    app.session_interface = FormSessions()
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    app.jinja_env.globals[FIELD] = generate_csrf


def check(*, by_cookie: bool) -> None:
    """Refuse the current request if it writes, could come from another site, and carries no token."""
    if request.method in SAFE or (wants_json() and not by_cookie):
        return
    try:
        validate_csrf(request.form.get(FIELD) or request.headers.get(HEADER))
    except ValidationError as error:
        raise InvalidRequest(
            "This form is out of date: reload the page and send it again",
            details=[{"field": FIELD, "message": str(error)}],
        ) from None
