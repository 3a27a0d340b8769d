"""The live channel of one application in one process: its sockets, its messages, its caretaker."""

import logging
import time
from collections.abc import Collection
from datetime import timedelta
from functools import partial
from threading import Lock, Thread
from typing import Any
from uuid import UUID

import socketio
from engineio.async_drivers._websocket_wsgi import SimpleWebSocketWSGI
from flask import Flask, Request
from flask_socketio import SocketIO
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from config import Part, Settings
from wihy.accounts.models import Session
from wihy.core import clock
from wihy.core.database import db
from wihy.core.origins import is_allowed
from wihy.live.delivery import ALONE_SECONDS, WOKEN_SECONDS, Delivery
from wihy.live.doorkeeper import PATH, Doorkeeper, Visit
from wihy.live.library_logs import logger_of
from wihy.live.switchboard import CLOSE, WAKE, Switchboard
from wihy.partners.queries import open_pages

logger = logging.getLogger(__name__)

LONGEST_MESSAGE_BYTES = 4096  # pages send nothing but who they are
LOOK_EVERY_SECONDS = 30
TICK_SECONDS = 0.5
ENDED = "access:ended"
GOODBYE_SECONDS = 1


class Channel:
    """Socket.IO over WebSockets only: no session has to stick to a process."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._app = app
        self._idle = timedelta(hours=settings.session_timeout_hours)
        self._lock = Lock()
        self._caretaker: Thread | None = None
        redis_url = settings.redis_url
        acts = {CLOSE: self.close_here, WAKE: self.wake_here}
        self._switchboard = Switchboard(redis_url, acts) if redis_url else None
        self.socketio = SocketIO(
            app,
            async_mode="threading",
            path=PATH,
            transports=["websocket"],
            client_manager=self._switchboard or socketio.Manager(),
            cors_allowed_origins=self._may_connect,
            manage_session=False,
            max_http_buffer_size=LONGEST_MESSAGE_BYTES,
            logger=logger_of("socketio"),
            engineio_logger=logger_of("engineio"),
        )
        _limit_messages(self.socketio.server.eio)
        most = settings.live_sockets if settings.wihy_part is Part.LIVE else settings.threads // 2
        self.door = Doorkeeper(app.wsgi_app, most, self._hire_caretaker)
        app.wsgi_app = self.door  # type: ignore[method-assign]
        pause = WOKEN_SECONDS if redis_url else ALONE_SECONDS
        self.delivery = Delivery(app, self.socketio.server, lambda: bool(self.door.visits()), pause)

    def send(self, event: str, payload: object, rooms: Collection[str]) -> None:
        """Send `event` to everyone in any of `rooms`, on every process and host."""
        self.socketio.server.emit(event, () if payload is None else payload, to=list(rooms))

    def wake(self, rooms: Collection[str]) -> None:
        """Have the facts that `rooms` were told handed out, on every process and host."""
        self.wake_here(rooms)
        if self._switchboard is not None:
            self._switchboard.wake_elsewhere(rooms)

    def wake_here(self, rooms: Collection[str]) -> None:
        """Have them handed out to the sockets of this process."""
        self.delivery.wake(rooms)

    def close(self, passes: Collection[str]) -> None:
        """Say goodbye to the sockets that were let in with any of `passes`, on every process and host."""
        self.close_here(passes)
        if self._switchboard is not None:
            self._switchboard.close_elsewhere(passes)

    def close_here(self, passes: Collection[str]) -> None:
        """Say goodbye to those of this process."""
        self._send_away([visit for visit in self.door.visits() if visit.let_in_by in passes])

    def close_expired(self) -> None:
        """Say goodbye to those whose time has come."""
        moment = clock.now()
        self._send_away([visit for visit in self.door.visits() if visit.ends_at and visit.ends_at <= moment])

    def close_all(self) -> None:
        """Cut every socket off; pages connect again, to the next process."""
        for visit in self.door.visits():
            visit.cut()

    def look_after(self) -> None:
        """Cut off what is dead, and close the sockets of sessions and links that ended unnoticed here."""
        self.door.cut_useless(list(self.socketio.server.environ.values()))
        visits = self.door.visits()
        sessions = {visit.session_id for visit in visits if visit.session_id is not None}
        pages = {visit.page for visit in visits if visit.page is not None}
        try:
            with self._app.app_context():
                ended = sessions - (self._living(sessions) if sessions else set())
                closed = pages - (open_pages(pages) if pages else set())
        except SQLAlchemyError as error:
            logger.warning("what let open sockets in cannot be checked: %s", type(error).__name__)
            return
        self._send_away([visit for visit in visits if visit.session_id in ended or visit.page in closed])

    def _living(self, session_ids: set[UUID]) -> set[UUID]:
        seen_after = clock.now() - self._idle
        living = (Session.ended_at.is_(None), Session.last_seen_at > seen_after)
        return set(db.session.scalars(select(Session.id).where(Session.id.in_(session_ids), *living)))

    def _send_away(self, leaving: list[Visit]) -> None:
        if leaving:
            Thread(target=self._say_goodbye, args=(leaving,), daemon=True).start()

    def _say_goodbye(self, leaving: list[Visit]) -> None:
        server = self.socketio.server
        for visit in leaving:
            if visit.sid is not None:
                # by the manager of this process alone: a Redis that hangs must keep no door open
                socketio.Manager.emit(server.manager, ENDED, (), "/", room=visit.sid)
                server.disconnect(visit.sid)
        time.sleep(GOODBYE_SECONDS)
        for visit in leaving:
            visit.cut()

    def _hire_caretaker(self) -> None:
        """Look at the open sockets from time to time, as long as there are any."""
        with self._lock:
            if self._caretaker is None:
                self._caretaker = Thread(target=self._care, name="live caretaker", daemon=True)
                self._caretaker.start()

    def _care(self) -> None:
        looked_at = time.monotonic()
        while True:
            time.sleep(TICK_SECONDS)
            with self._lock:
                if not self.door.visits():
                    self._caretaker = None
                    return
            self.close_expired()
            if time.monotonic() - looked_at >= LOOK_EVERY_SECONDS:
                self.look_after()
                looked_at = time.monotonic()

    def _may_connect(self, _origin: str, environ: dict[str, Any]) -> bool:
        with self._app.app_context():
            return is_allowed(Request(environ))


def _limit_messages(engine: Any) -> None:
    """Refuse long messages while they arrive; Engine.IO by itself reads them whole first."""
    websocket = partial(SimpleWebSocketWSGI, max_message_size=LONGEST_MESSAGE_BYTES)
    engine._async = {**engine._async, "websocket": websocket}
