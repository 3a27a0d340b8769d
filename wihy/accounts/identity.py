"""Finding out who sends a request: by `X-Api-Key`, else a bearer token, else the cookie `wihy_session`.

Whichever comes first decides: a bad key or bearer is a stranger's even where a good cookie comes with it.
"""

import logging
from collections.abc import Callable

from flask import Flask, Request, Response, g
from flask_login import LoginManager
from sqlalchemy.exc import SQLAlchemyError

from config import Settings
from wihy.accounts import keys, sessions, tokens
from wihy.accounts.access import Visit, find_visit
from wihy.accounts.tokens import Claims
from wihy.core import clock
from wihy.core.access import Kind, Principal, Way
from wihy.core.database import is_writing, transaction

logger = logging.getLogger(__name__)


def register(app: Flask, settings: Settings) -> None:
    """Let `app` know who sends each request."""
    tokens.register(app, settings)
    app.config.update(
        SESSION_COOKIE_NAME="wihy_forms",  # cookies ignore ports: other applications of this host have a `session`
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_production,
        SECRET_KEY_FALLBACKS=[settings.jwt_secret_previous] if settings.jwt_secret_previous else [],
        REMEMBER_COOKIE_NAME="wihy_unused",  # nor may theirs be taken for ours
    )
    manager = LoginManager()
    manager.anonymous_user = Principal
    manager.session_protection = None  # it would write into the session; ours live in the database
    manager.request_loader(_recognise)
    app.login_manager = manager  # type: ignore[attr-defined] # not `init_app`: it would look for its own cookie on every answer
    app.after_request(_renew_cookie)


def current_claims() -> Claims:
    """Return what the token says that vouches for the current request, which is not a stranger's or a key's."""
    visit: Visit = g.visit
    return visit.claims


def _recognise(request: Request) -> Principal | None:
    """Return who sends `request`; `None` is a stranger."""
    if "identity_failed" in g:  # the error page asks again: it must not fail again
        return None
    try:
        return _by_key(request) if "X-Api-Key" in request.headers else _by_token(request)
    except SQLAlchemyError:
        g.identity_failed = True
        raise


def _by_key(request: Request) -> Principal | None:
    key = keys.find_key(request.headers["X-Api-Key"])
    if key is None:
        return None
    if keys.is_due(key):
        _write_down(lambda: keys.note_use(key.id))
    return Principal(Kind.API_KEY, str(key.id), key.name, permissions=frozenset(key.scopes), way=Way.KEY)


def _by_token(request: Request) -> Principal | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    way = Way.BEARER if scheme.lower() == "bearer" else Way.COOKIE
    if way is Way.COOKIE:
        token = request.cookies.get(tokens.COOKIE, "")
    visit = find_visit(token.strip(), way) if token else None
    if visit is None or not visit.principal.is_authenticated:
        return visit and visit.principal
    g.visit = visit
    if sessions.is_due(visit.session):
        _write_down(lambda: sessions.note_use(visit.session.id))
    return visit.principal


def _write_down(note: Callable[[], None]) -> None:
    if is_writing():  # someone asks in the middle of other work: the next request will do
        return
    try:
        with transaction():
            note()
    except SQLAlchemyError:
        logger.warning("could not write down that a session or key is in use", exc_info=True)


def _renew_cookie(response: Response) -> Response:
    if "visit" not in g:
        return response
    visit: Visit = g.pop("visit")
    if visit.principal.way is Way.COOKIE and not tokens.sets_cookie(response):
        claims = visit.claims
        if clock.now() - claims.issued_at > (claims.expires_at - claims.issued_at) / 2:
            tokens.put_cookie(response, tokens.renew(claims))
    return response
