"""Tokens (JWT, RFC 7519): each names its session, and is the same as bearer and in the cookie `wihy_session`."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import digest
from typing import NamedTuple
from uuid import UUID

from flask import Flask, Response, after_this_request
from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    decode_token,
    set_access_cookies,
    unset_access_cookies,
)
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt import PyJWTError

from config import Settings
from wihy.core.settings import settings

COOKIE = "wihy_session"
LONGEST = 2048  # ours are some 350 characters
UNREADABLE = (
    PyJWTError,
    JWTExtendedException,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    RecursionError,
)


class Claims(NamedTuple):
    """What a token says: whose it is (`staff:<uuid>`), of which session, and how long."""

    subject: str
    session_id: UUID
    issued_at: datetime
    expires_at: datetime


def register(app: Flask, given: Settings) -> None:
    """Let `app` sign with `JWT_SECRET`, and read what that or `JWT_SECRET_PREVIOUS` signed."""
    app.config.update(
        JWT_ALGORITHM="HS256",
        JWT_ACCESS_TOKEN_EXPIRES=given.jwt_expiry,
        JWT_ENCODE_NBF=False,  # the clocks of two hosts differ
        JWT_ACCESS_COOKIE_NAME=COOKIE,
        JWT_COOKIE_SECURE=given.is_production,
        JWT_COOKIE_SAMESITE="Lax",
        JWT_COOKIE_CSRF_PROTECT=False,  # core's one CSRF token guards cookie-borne writes
    )
    key = _signing_key(given.jwt_secret)
    keys = {_name(key): key}
    if given.jwt_secret_previous:
        previous = _signing_key(given.jwt_secret_previous)
        keys[_name(previous)] = previous
    manager = JWTManager(app)
    manager.encode_key_loader(lambda _identity: key)
    manager.decode_key_loader(lambda header, _claims: keys.get(header.get("kid"), key))
    manager.additional_headers_loader(lambda _identity: {"kid": _name(key)})


def issue(subject: str, session_id: UUID, lifetime: timedelta | None = None) -> str:
    """Return a new token of a session, that lives for `lifetime` (`JWT_EXPIRY`)."""
    token: str = create_access_token(
        subject, expires_delta=lifetime, additional_claims={"sid": str(session_id)}
    )
    return token


def renew(claims: Claims) -> str:
    """Return a new token of the same session, that lives as long as the one with these `claims` was to live."""
    lifetime = min(claims.expires_at - claims.issued_at, settings().jwt_expiry)
    return issue(claims.subject, claims.session_id, lifetime)


def expiry_of(token: str) -> datetime:
    """Return when a token of ours expires."""
    return datetime.fromtimestamp(decode_token(token)["exp"], UTC)


def read(token: str) -> Claims | None:
    """Return what `token` says; `None` if it is not ours, is out of date or cannot be read."""
    if len(token) > LONGEST:
        return None
    try:
        claims = decode_token(token)
        issued_at, expires_at = (datetime.fromtimestamp(claims[name], UTC) for name in ("iat", "exp"))
        return Claims(claims["sub"], UUID(claims["sid"]), issued_at, expires_at)
    except UNREADABLE:
        return None


def put_cookie(response: Response, token: str) -> Response:
    """Let `response` set the cookie."""
    set_access_cookies(response, token, max_age=int(settings().jwt_expiry.total_seconds()))
    return response


def give_cookie(token: str) -> None:
    """Set the cookie with the answer to the current request."""
    after_this_request(lambda response: put_cookie(response, token))


def take_cookie() -> None:
    """Delete the cookie with the answer to the current request."""

    @after_this_request
    def _delete(response: Response) -> Response:
        unset_access_cookies(response)
        return response


def sets_cookie(response: Response) -> bool:
    """Whether `response` sets or deletes the cookie already."""
    return any(line.startswith(COOKIE + "=") for line in response.headers.getlist("Set-Cookie"))


def _signing_key(secret: str) -> str:
    return digest(secret.encode(), b"wihy session tokens", "sha256").hex()


def _name(key: str) -> str:
    return sha256(key.encode()).hexdigest()[:8]
