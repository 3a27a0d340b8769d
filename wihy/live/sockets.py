"""Connecting: who may listen to what.

Staff hear everything (`staff`). A stranger hears, where the engagement page is public, that something changed on it
(`public:<trackingId>`), and no more. Who asks is proved by the session cookie or a JWT in `auth: {token}`.
"""

import re
from collections.abc import Collection
from typing import Any
from uuid import UUID

from flask import Flask, current_app, request
from flask_socketio import ConnectionRefusedError, join_room
from sqlalchemy.exc import SQLAlchemyError

from config import Settings
from wihy.core.access import Kind, Principal, who_asks
from wihy.core.client_address import client_address
from wihy.core.errors import Refusal
from wihy.core.settings import settings
from wihy.live.channel import Channel

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


def close_sessions(session_ids: Collection[UUID]) -> None:
    """Close the sockets that these sessions opened; those of other processes follow within half a minute."""
    live().close_sessions(session_ids)


def public_room(tracking_id: str) -> str:
    """Return the room of the public engagement page of `tracking_id`."""
    return f"public:{tracking_id}"


def _connect(auth: object = None) -> None:
    asked = auth if isinstance(auth, dict) else {}
    principal = _who_connects(asked.get("token"))
    rooms = _rooms(principal, asked.get("trackingId"))
    if not rooms:
        raise ConnectionRefusedError("Unauthorized")
    visit = request.environ["wihy.visit"]
    visit.sid, visit.session_id = request.sid, principal.session_id  # type: ignore[attr-defined]
    key = principal.get_id() if principal.is_authenticated else f"address:{client_address()}"
    if not live().door.enter(visit, key):
        raise ConnectionRefusedError("Too many open connections")
    for room in rooms:
        join_room(room)


def _rooms(principal: Principal, tracking_id: object) -> list[str]:
    is_staff = principal.kind is Kind.STAFF
    rooms = [STAFF_ROOM] if is_staff else []
    is_id = isinstance(tracking_id, str) and TRACKING_ID.fullmatch(tracking_id)
    if is_id and (is_staff or settings().public_engagement):
        rooms.append(public_room(str(tracking_id)))
    return rooms


def _who_connects(token: Any) -> Principal:
    """Return who proved themselves by `token`, else by the cookie; a wrong proof is a stranger's."""
    try:
        if not isinstance(token, str):
            return who_asks()
        with current_app.test_request_context(headers={"Authorization": f"Bearer {token}"}):
            return who_asks()
    except (Refusal, ValueError):
        return Principal()
    except SQLAlchemyError:
        raise ConnectionRefusedError("Unavailable") from None
