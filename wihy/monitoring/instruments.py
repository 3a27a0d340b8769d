"""What every request and every query is measured by."""

import logging
import time
from functools import cache
from typing import Any

from flask import Flask, Response, g
from flask.globals import request_ctx
from prometheus_client import Counter, Histogram
from sqlalchemy import event
from sqlalchemy.engine import Engine

from wihy.monitoring import request_log
from wihy.monitoring.service import REGISTRY

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
NO_ENDPOINT = "none"
REFUSED = 400
UNAUTHORIZED, TOO_MANY_REQUESTS = 401, 429
OPERATIONS = {  # by the first six letters
    "SELECT": "select",
    "INSERT": "insert",
    "UPDATE": "update",
    "DELETE": "delete",
}

RESPONSES = Histogram(
    "wihy_response_seconds",
    "Time from the arrival of a request to its answer, by endpoint and class of status.",
    ["endpoint", "status"],
    buckets=SECONDS,
    registry=REGISTRY,
)
AUTHENTICATION_FAILURES = Counter(
    "wihy_authentication_failures",
    "Requests answered 401: wrong credentials, or a token, key or session that is not valid.",
    ["endpoint"],
    registry=REGISTRY,
)
RATE_LIMIT_HITS = Counter(
    "wihy_rate_limit_hits",
    "Requests answered 429.",
    ["endpoint"],
    registry=REGISTRY,
)
QUERIES = Histogram(
    "wihy_database_query_seconds",
    "Time of a statement in the database, by kind.",
    ["operation"],
    buckets=SECONDS,
    registry=REGISTRY,
)


def register(app: Flask) -> None:
    """Log the requests of `app`, and measure them from the moment that the log notes."""
    request_log.register(app)

    @app.after_request
    def measure(response: Response) -> Response:
        rule = request_ctx.request.url_rule  # what `request.endpoint` would look for twice
        endpoint, status = rule.endpoint if rule else NO_ENDPOINT, response.status_code
        _responses(endpoint, status).observe(time.perf_counter() - g.started_at)
        if status >= REFUSED:
            if status == UNAUTHORIZED:
                AUTHENTICATION_FAILURES.labels(endpoint).inc()
            elif status == TOO_MANY_REQUESTS:
                RATE_LIMIT_HITS.labels(endpoint).inc()
        return response


def note_success(endpoint: str, method: str, path: str, status: int, seconds: float) -> None:
    """Log and measure a request that was answered, with success, beside all hooks; `path` as in `request_log.write`."""
    if request_log.logger.isEnabledFor(logging.INFO):
        request_log.write(logging.INFO, method, path, status, seconds)
    _responses(endpoint, status).observe(seconds)


@cache
def _responses(endpoint: str, status: int) -> Histogram:
    """Return the series: finding it among its siblings would take as long as counting in it."""
    return RESPONSES.labels(endpoint, f"{status // 100}xx")


@cache
def _queries(beginning: str) -> Histogram:
    return QUERIES.labels(OPERATIONS.get(beginning.upper(), "other"))


@event.listens_for(Engine, "before_cursor_execute")
def _note_start(
    _connection: Any, _cursor: Any, _text: str, _parameters: Any, context: Any, _many: bool
) -> None:
    context.wihy_started_at = time.perf_counter()


@event.listens_for(Engine, "after_cursor_execute")
def _measure_query(
    _connection: Any, _cursor: Any, text: str, _parameters: Any, context: Any, _many: bool
) -> None:
    _queries(text[:6]).observe(time.perf_counter() - context.wihy_started_at)
