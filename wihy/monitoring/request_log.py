"""One log line a request, at the level that suits what came of it; never a query string, a token or an address."""

import logging
import re
import time
from urllib.parse import quote

from flask import Flask, Response, g, request, request_started

from wihy.core.errors import wants_json

logger = logging.getLogger("wihy.requests")

FAILED_VALIDATION = frozenset({400, 413, 415, 422})
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
TOKEN_IN_PATH = re.compile(r"(/share/).+", re.IGNORECASE | re.DOTALL)
LOGGED_BYTES = "/:@!$&'()*+,;=~-._"


def register(app: Flask) -> None:
    """Log the requests of `app`."""

    def note_start(_app: Flask) -> None:
        g.started_at = time.perf_counter()

    request_started.connect(note_start, app, weak=False)

    @app.after_request
    def log_request(response: Response) -> Response:
        level = _level(response.status_code)
        if logger.isEnabledFor(level):
            write(
                level, request.method, _safe_path(), response.status_code, time.perf_counter() - g.started_at
            )
        return response


def write(level: int, method: str, path: str, status: int, seconds: float) -> None:
    """Log a request in the current application context. `path` is written as it is: no token may stand in it."""
    fields = {"method": method, "path": path, "status": status, "milliseconds": round(seconds * 1000, 1)}
    logger.log(level, "%s %s %s %s ms", *fields.values(), extra=fields)


def _level(status: int) -> int:
    if status >= 500:
        return logging.ERROR
    if status in FAILED_VALIDATION and wants_json():
        return logging.WARNING
    if request.endpoint == "static" or request.path in PROBES:
        return logging.DEBUG
    return logging.INFO


def _safe_path() -> str:
    """Return the path as it was sent, without its query, and with a token in it left out."""
    path = request.path
    token = (request.view_args or {}).get("token")
    if token:
        path = path.replace(str(token), "***")
    elif request.view_args is None:  # no route took it, as where the method is wrong
        path = TOKEN_IN_PATH.sub(r"\1***", path)
    return quote(path, safe=LOGGED_BYTES)
