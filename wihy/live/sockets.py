"""Connecting: who may listen to what.

Staff hear every capture (`staff`), a customer what concerns them (`customer:<id>`). A page that names its id in
`auth: {trackingId}` hears what was captured for it (`partner:<trackingId>`) where staff or a holder of its token asks;
others only that something changed (`public:<trackingId>`), where engagement pages are public. Who asks is proved by the
session cookie or the page's, or by a JWT or partner's token in `auth: {token}`. Who comes again says in `auth: {since}`
the last sequence they heard, and hears what they missed.
"""

import re
from functools import partial

from flask import Flask, current_app, request
from flask_socketio import ConnectionRefusedError
from sqlalchemy.exc import SQLAlchemyError

from config import Part, Settings
from wihy.accounts.facts import SessionsEnded
from wihy.accounts.service import expiry_of
from wihy.core.access import Kind, Principal, who_asks
from wihy.core.client_address import client_address
from wihy.core.database import after_commit
from wihy.core.errors import Refusal, Unauthorized
from wihy.live.channel import Channel
from wihy.live.delivery import Arrival
from wihy.live.doorkeeper import Visit, page_pass, session_pass
from wihy.live.history import last_sequences
from wihy.live.relay import Relay
from wihy.live.rooms import STAFF_ROOM, customer_room, partner_room, public_room
from wihy.partners.access import check_token, judge
from wihy.partners.facts import PartnerLinkEnded
from wihy.partners.urls import live_cookie

TRACKING_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")


def register(app: Flask, settings: Settings) -> None:
    """Open the live channel of `app`."""
    app.jinja_env.globals["told_so_far"] = told_so_far
    if settings.wihy_part in (Part.WEB, Part.WORKER) and settings.redis_url:
        app.extensions["live"] = Relay(app, settings.redis_url)
        return
    app.extensions["live"] = channel = Channel(app, settings)
    channel.socketio.on_event("connect", partial(_connect, channel))


def live() -> Channel | Relay:
    """Return the live channel of the current application."""
    found: Channel | Relay = current_app.extensions["live"]
    return found


def told_so_far() -> int:
    """Return the last sequence that the customer who asks was told: the page made now is to hear what comes after."""
    room = customer_room(int(who_asks().id))
    return last_sequences([room])[room]


def close_sessions(fact: SessionsEnded) -> None:
    """Close the sockets that these sessions opened, wherever they are."""
    channel, passes = live(), [session_pass(session_id) for session_id in fact.session_ids]
    after_commit(lambda: channel.close(passes))


def close_page(fact: PartnerLinkEnded) -> None:
    """Close the sockets that the link to this page opened, wherever they are."""
    channel, passes = live(), [page_pass(fact.tracking_id)]
    after_commit(lambda: channel.close(passes))


def _connect(channel: Channel, auth: object = None) -> None:
    asked = auth if isinstance(auth, dict) else {}
    visit = request.environ["wihy.visit"]
    visit.sid = request.sid  # type: ignore[attr-defined]
    try:
        principal, room = _admit(visit, asked.get("trackingId"), asked.get("token"))
    except (Refusal, ValueError):
        raise ConnectionRefusedError("Unauthorized") from None
    except SQLAlchemyError:
        raise ConnectionRefusedError("Unavailable") from None
    key = principal.get_id() if principal.is_authenticated else f"address:{client_address()}"
    if not channel.door.enter(visit, key):
        raise ConnectionRefusedError("Too many open connections")
    channel.delivery.expect(Arrival(visit.sid, room, asked.get("since")))


def _admit(visit: Visit, tracking_id: object, given: object) -> tuple[Principal, str]:
    """Return who comes, and the room they may join: of the page they name, else their own; raises `Unauthorized`."""
    token = given if isinstance(given, str) else None
    principal = _who_connects(token)
    is_staff = principal.kind is Kind.STAFF
    if principal.session_id is not None:
        visit.session_id, visit.let_in_by = principal.session_id, session_pass(principal.session_id)
        visit.ends_at = (
            expiry_of(token) if token else None
        )  # a cookie is renewed as long as its session lives
    if tracking_id is None and is_staff:
        return principal, STAFF_ROOM
    if tracking_id is None and principal.kind is Kind.CUSTOMER:
        return principal, customer_room(int(principal.id))
    if not isinstance(tracking_id, str) or not TRACKING_ID.fullmatch(tracking_id):
        raise Unauthorized
    token = token or request.cookies.get(live_cookie(tracking_id))
    if is_staff:
        return principal, partner_room(tracking_id)
    if token is not None:
        _admit_partner(visit, tracking_id, token)
        return principal, partner_room(tracking_id)
    judge(tracking_id, None, is_staff=False)
    return principal, public_room(tracking_id)


def _admit_partner(visit: Visit, tracking_id: str, token: str) -> None:
    """Let in who holds the token of the page; raises `InvalidAccessToken`."""
    visit.let_in_by = page_pass(tracking_id)  # first: if the token ends while it is read, the visit is found
    partner = check_token(tracking_id, token)
    visit.page, visit.ends_at = (tracking_id, partner.token_version), partner.expires_at


def _who_connects(token: str | None) -> Principal:
    """Return whom the JWT `token` stands for, without one the cookie; any other token is a stranger's (a partner's)."""
    if token is None:
        return who_asks()
    with current_app.test_request_context(headers={"Authorization": f"Bearer {token}"}):
        return who_asks()
