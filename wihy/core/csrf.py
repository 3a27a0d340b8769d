"""One CSRF token guards forms and the API writes that a cookie vouches for.

The token comes from `csrf_token()` in templates, and back in the field `csrf_token` or the header `X-CSRFToken`. It is
masked: written differently each time, so that the length of a compressed page says nothing about it.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode

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
    app.jinja_env.globals[FIELD] = masked_token


def check(*, by_cookie: bool) -> None:
    """Refuse the current request if it writes, could come from another site, and carries no token."""
    if request.method in SAFE or (wants_json() and not by_cookie):
        return
    try:
        validate_csrf(_unmasked(request.form.get(FIELD) or request.headers.get(HEADER) or ""))
    except ValidationError as error:
        raise InvalidRequest(
            "This form is out of date: reload the page and send it again",
            details=[{"field": FIELD, "message": str(error)}],
        ) from None


def masked_token() -> str:
    """Return the token of this browser under a mask of its own."""
    token = generate_csrf().encode()
    mask = os.urandom(len(token))
    return urlsafe_b64encode(mask + _xor(mask, token)).decode()


def _unmasked(text: str) -> str:
    """Return the token under the mask; empty where there is none."""
    try:
        both = urlsafe_b64decode(text.encode())
        return _xor(both[: len(both) // 2], both[len(both) // 2 :]).decode()
    except ValueError:  # not what was written
        return ""


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
