"""Connecting: who may listen to what.

Staff hear every capture (`staff`). A page that names its id in `auth: {trackingId}` hears that something changed on it
(`public:<trackingId>`), and no more: anyone may where engagement pages are public, else staff and holders of its token.
Who asks is proved by the session cookie, or by a JWT or partner's token in `auth: {token}`.
"""

import re

from flask import Flask, current_app, request
from flask_socketio import ConnectionRefusedError, join_room
from sqlalchemy.exc import SQLAlchemyError

from config import Settings
from wihy.accounts.facts import SessionsEnded
from wihy.core.access import Kind, Principal, who_asks
from wihy.core.client_address import client_address
from wihy.core.database import after_commit
from wihy.core.errors import Refusal, Unauthorized
from wihy.live.channel import Channel
from wihy.partners.access import judge

STAFF_ROOM = "staff"
TRACKING_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")


def register(app: Flask, settings: Settings) -> None:
    """Open the live channel of `app`."""
    app.extensions["live"] = channel = Channel(app, settings)
    channel.socketio.on_event("connect", _connect)


def live() -> Channel:
    """Return the live channel of the current application."""
    found: Channel = current_app.extensions["live"]
    return found


def close_sessions(fact: SessionsEnded) -> None:
    """Close the sockets that these sessions opened; those of other processes follow within half a minute."""
    channel = live()
    after_commit(lambda: channel.close_sessions(fact.session_ids))


def public_room(tracking_id: str) -> str:
    """Return the room of the public engagement page of `tracking_id`."""
    return f"public:{tracking_id}"


def _connect(auth: object = None) -> None:
    asked = auth if isinstance(auth, dict) else {}
    token = asked.get("token") if isinstance(asked.get("token"), str) else None
    try:
        principal = _who_connects(token)
        room = _room(principal, asked.get("trackingId"), token)
    except (Refusal, ValueError):
        raise ConnectionRefusedError("Unauthorized") from None
    except SQLAlchemyError:
        raise ConnectionRefusedError("Unavailable") from None
    visit = request.environ["wihy.visit"]
    visit.sid, visit.session_id = request.sid, principal.session_id  # type: ignore[attr-defined]
    key = principal.get_id() if principal.is_authenticated else f"address:{client_address()}"
    if not live().door.enter(visit, key):
        raise ConnectionRefusedError("Too many open connections")
    join_room(room)


def _room(principal: Principal, tracking_id: object, token: str | None) -> str:
    """Return the room that `principal` may join: of the page it names, else the staff's; raises `Unauthorized`."""
    is_staff = principal.kind is Kind.STAFF
    if tracking_id is None and is_staff:
        return STAFF_ROOM
    if not isinstance(tracking_id, str) or not TRACKING_ID.fullmatch(tracking_id):
        raise Unauthorized
    judge(tracking_id, None if is_staff else token, is_staff=is_staff)
    return public_room(tracking_id)


def _who_connects(token: str | None) -> Principal:
    """Return whom the JWT `token` stands for, without one the cookie; any other token is a stranger's (a partner's)."""
    if token is None:
        return who_asks()
    with current_app.test_request_context(headers={"Authorization": f"Bearer {token}"}):
        return who_asks()
