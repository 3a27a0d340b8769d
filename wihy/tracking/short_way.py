"""The short way of a plain capture: past the framework, whose ways through a request cost three times its own work.

What is plainly good goes it: one capture without credentials, from a page that may, well-formed and within its sender's
limit. All else goes the long way to `api.capture`, untouched, which alone knows how to refuse. Both answer alike.
"""

import time
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

import orjson
from flask import Flask, Response, g
from pydantic import ValidationError

from config import Settings
from wihy.core import headers
from wihy.core.application import SentHeaders
from wihy.core.bodies import BEACON_KINDS, JSON_LIMIT
from wihy.core.client_address import address_in, is_forwarded_unasked
from wihy.core.limits import is_within
from wihy.core.origins import headers_for, is_allowed_origin
from wihy.core.request_id import HEADER as REQUEST_ID
from wihy.core.request_id import name_of
from wihy.tracking.answers import told
from wihy.tracking.books import received
from wihy.tracking.capture import Capture, Outcome
from wihy.tracking.intake import Sender, to_capture
from wihy.tracking.schemas import NewEvent
from wihy.tracking.service import capture_events

METHOD, PATH, ENDPOINT = "POST", "/api/tracking/capture", "tracking.capture"
CREDENTIALS = ("HTTP_X_API_KEY", "HTTP_AUTHORIZATION", "HTTP_COOKIE")
MOST_DIGITS = len(str(JSON_LIMIT))
STATUSES = {200: "200 OK", 201: "201 CREATED"}

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Note = Callable[[str, str, str, int, float], None]


class ShortWay:
    """WSGI: takes plain captures of `app` itself and lets all else go on; `note` hears of each that it answered."""

    def __init__(self, app: Flask, settings: Settings, note: Note) -> None:
        self._app = app
        self._long_way = app.wsgi_app
        self._headers = [("Content-Type", "application/json"), *headers.on_json(settings).items()]
        self._note = note

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PATH or not self._looks_plain(environ):
            return self._long_way(environ, start_response)
        started_at = time.perf_counter()
        length = int(environ["CONTENT_LENGTH"])
        body = environ["wsgi.input"].read(length)
        with self._app.app_context():
            capture = _plain(environ, body) if len(body) == length else None
            if capture is not None:
                g.request_id = name_of(environ.get("HTTP_X_REQUEST_ID"))
                return self._answer(capture, environ, start_response, started_at)
        environ["wsgi.input"] = BytesIO(body)
        return self._long_way(environ, start_response)

    def _looks_plain(self, environ: Environ) -> bool:
        length = environ.get("CONTENT_LENGTH", "")
        return (
            environ["REQUEST_METHOD"] == METHOD
            and environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() in BEACON_KINDS
            and length.isdecimal()
            and len(length) <= MOST_DIGITS  # of thousands Python makes no number
            and int(length) <= JSON_LIMIT
            and not any(name in environ for name in CREDENTIALS)
            and not is_forwarded_unasked(environ)
            and self._app.extensions["is_our_host"](environ.get("HTTP_HOST", ""))
        )

    def _answer(
        self, capture: Capture, environ: Environ, start_response: StartResponse, started_at: float
    ) -> Iterable[bytes]:
        try:
            with received() as account:
                [outcome] = outcomes = capture_events([capture])
                account.answer(outcomes)
        except Exception as error:
            response = self._tell(error, environ, started_at)
            return response(environ, start_response)
        return self._confirm(outcome, environ.get("HTTP_ORIGIN"), start_response, started_at)

    def _confirm(
        self, outcome: Outcome, origin: str | None, start_response: StartResponse, started_at: float
    ) -> Iterable[bytes]:
        body = orjson.dumps({"success": True, **told(outcome)})
        status = 200 if outcome.is_duplicate else 201
        start_response(
            STATUSES[status],
            [
                *self._headers,
                ("Content-Length", str(len(body))),
                (REQUEST_ID, g.request_id),
                *(headers_for(origin) if origin else ()),
            ],
        )
        self._note(ENDPOINT, METHOD, PATH, status, time.perf_counter() - started_at)
        return [body]

    def _tell(self, error: Exception, environ: Environ, started_at: float) -> Response:
        """Return the response that tells what kept a capture from being stored, made where all such are made."""
        request_id = g.request_id
        with self._app.request_context(environ):
            g.request_id, g.started_at = request_id, started_at
            return self._app.finalize_request(self._app.handle_user_exception(error))


def _plain(environ: Environ, body: bytes) -> Capture | None:
    """Return the capture that was sent, counted towards its sender's limit; `None`: it may have to be refused."""
    origin = environ.get("HTTP_ORIGIN")
    if origin is not None and not is_allowed_origin(origin):
        return None
    try:
        event = NewEvent.model_validate_json(body)
    except ValidationError:
        return None
    address = address_in(environ)
    if not is_within("rate_limit_capture", address):
        return None
    return to_capture(event, Sender.of(SentHeaders(environ), address, is_program=False))


def register(app: Flask, settings: Settings, note: Note) -> None:
    """Let plain captures of `app` go the short way."""
    app.wsgi_app = ShortWay(app, settings, note)  # type: ignore[method-assign]
