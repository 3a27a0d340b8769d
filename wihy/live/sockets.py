"""Connecting: who may listen to what.

Staff hear every capture (`staff`). A page that names its id in `auth: {trackingId}` hears that something changed on it
(`public:<trackingId>`), and no more: anyone may where engagement pages are public, else staff and holders of its token.
Who asks is proved by the session cookie, or by a JWT or partner's token in `auth: {token}`.
"""

import re
from functools import partial

from flask import Flask, current_app, request
from flask_socketio import ConnectionRefusedError, join_room
from sqlalchemy.exc import SQLAlchemyError

from config import Part, Settings
from wihy.accounts.facts import SessionsEnded
from wihy.core.access import Kind, Principal, who_asks
from wihy.core.client_address import client_address
from wihy.core.database import after_commit
from wihy.core.errors import Refusal, Unauthorized
from wihy.live.channel import Channel
from wihy.live.doorkeeper import page_pass, session_pass
from wihy.live.relay import Relay
from wihy.partners.access import judge

STAFF_ROOM = "staff"
PUBLIC = "public:"
TRACKING_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")


def register(app: Flask, settings: Settings) -> None:
    """Open the live channel of `app`."""
    if settings.wihy_part in (Part.WEB, Part.WORKER) and settings.redis_url:
        app.extensions["live"] = Relay(app, settings.redis_url)
        return
    app.extensions["live"] = channel = Channel(app, settings)
    channel.socketio.on_event("connect", partial(_connect, channel))


def live() -> Channel | Relay:
    """Return the live channel of the current application."""
    found: Channel | Relay = current_app.extensions["live"]
    return found


def close_sessions(fact: SessionsEnded) -> None:
    """Close the sockets that these sessions opened, wherever they are."""
    channel, passes = live(), [session_pass(session_id) for session_id in fact.session_ids]
    after_commit(lambda: channel.close(passes))


def public_room(tracking_id: str) -> str:
    """Return the room of the public engagement page of `tracking_id`."""
    return f"{PUBLIC}{tracking_id}"


def _connect(channel: Channel, auth: object = None) -> None:
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
    visit.let_in_by = _pass(principal, room, token)
    key = principal.get_id() if principal.is_authenticated else f"address:{client_address()}"
    if not channel.door.enter(visit, key):
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


def _pass(principal: Principal, room: str, token: str | None) -> str | None:
    """Return what opened the door: a session, or the token of a page; nothing where it is open to all."""
    if principal.session_id is not None:
        return session_pass(principal.session_id)
    return page_pass(room.removeprefix(PUBLIC)) if token is not None else None


def _who_connects(token: str | None) -> Principal:
    """Return whom the JWT `token` stands for, without one the cookie; any other token is a stranger's (a partner's)."""
    if token is None:
        return who_asks()
    with current_app.test_request_context(headers={"Authorization": f"Bearer {token}"}):
        return who_asks()
