"""Refusals, and the one error envelope of the JSON API.

`{"success": false, "status": "error", "code": …, "message": …, "details": […]}`; pages get an HTML page of the same
status. Services raise a `Refusal`; nothing else decides how an error looks.
"""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, jsonify, render_template, request
from pydantic import ValidationError
from sqlalchemy.exc import DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

logger = logging.getLogger(__name__)

Detail = Mapping[str, str]
JSON_PREFIXES = (
    "/api/",
    "/interactions",
    "/contents",
    "/openapi.json",
    "/healthz",
    "/readyz",
    "/metrics",
    "/socket.io",
)
RETRY_AFTER_SECONDS = 5


class Refusal(Exception):
    """A request that is answered with an error: `status` (HTTP), `code`, a message for people, `details`."""

    status = 400
    code = "INVALID_REQUEST"
    message = "Invalid request parameters"

    def __init__(
        self,
        message: str | None = None,
        *,
        code: str | None = None,
        details: Sequence[Detail] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.code = code or self.code
        self.message = message or self.message
        self.details = list(details)
        self.headers = dict(headers or {})
        super().__init__(self.message)


class InvalidRequest(Refusal):
    """What was sent cannot be used."""

    @classmethod
    def at(cls, field: str, message: str) -> "InvalidRequest":
        """Return the refusal of one field."""
        return cls(details=[{"field": field, "message": message}])

    @classmethod
    def of(cls, error: ValidationError) -> "InvalidRequest":
        """Return the refusal that names every problem pydantic found."""
        return cls(details=problems(error))


class Unauthorized(Refusal):
    """Who asks is not known."""

    status, code, message = 401, "UNAUTHORIZED", "Unauthorized"


class Forbidden(Refusal):
    """Who asks may not."""

    status, code, message = 403, "Forbidden", "Permission denied"


class NotFound(Refusal):
    """There is no such thing, or not for who asks."""

    status, code, message = 404, "NOT_FOUND", "Not found"


class Conflict(Refusal):
    """It contradicts what is there."""

    status, code, message = 409, "CONFLICT", "Conflict"


class TooLarge(Refusal):
    """The body is longer than allowed."""

    status, code, message = 413, "PAYLOAD_TOO_LARGE", "The body is too large"


class UnsupportedMediaType(Refusal):
    """The body is not of a kind that is read here."""

    status, code, message = 415, "UNSUPPORTED_MEDIA_TYPE", "Send application/json"


class TooManyRequests(Refusal):
    """Too often; `retry_after` in seconds."""

    status, code, message = 429, "RATE_LIMITED", "Too many requests"

    def __init__(self, retry_after: int, message: str | None = None) -> None:
        super().__init__(message, headers={"Retry-After": str(max(1, retry_after))})


class Unavailable(Refusal):
    """A fault of ours that passes."""

    status, code, message = (
        503,
        "SERVICE_UNAVAILABLE",
        "The service cannot answer now, try again shortly",
    )

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


class InternalError(Refusal):
    """A mistake of ours: told without its inner detail."""

    status, code, message = 500, "INTERNAL_ERROR", "Something went wrong on our side"


CODES = {
    400: "INVALID_REQUEST",
    401: "UNAUTHORIZED",
    403: "Forbidden",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    409: "CONFLICT",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    429: "RATE_LIMITED",
    503: "SERVICE_UNAVAILABLE",
}
TITLES = {
    400: "This request cannot be used",
    401: "Sign in first",
    403: "You may not do this",
    404: "There is nothing here",
    405: "This page cannot do that",
    410: "This link has ended",
    413: "That is too large",
    415: "That kind of content is not read here",
    429: "Too many requests",
    500: "Something went wrong on our side",
    503: "WIHY cannot answer now",
}

_SAID_BY_TITLES = {
    InvalidRequest.message.casefold(),
    *(HTTPStatus(code).phrase.casefold() for code in TITLES),
}


def problems(error: ValidationError) -> list[dict[str, str]]:
    """Return `[{"field", "message"}]`, one for each problem, fields by their outer names."""
    return [
        {
            "field": ".".join(str(part) for part in problem["loc"]),
            "message": problem["msg"].removeprefix("Value error, "),
        }
        for problem in error.errors(include_url=False, include_input=False, include_context=False)
    ]


def wants_json() -> bool:
    """Whether the current request is one of the JSON API's (otherwise a browser asked for a page)."""
    return request.path.startswith(JSON_PREFIXES)


def envelope(refusal: Refusal) -> dict[str, Any]:
    """Return the error envelope of `refusal`."""
    body: dict[str, Any] = {
        "success": False,
        "status": "error",
        "code": refusal.code,
        "message": refusal.message,
    }
    if refusal.details:
        body["details"] = refusal.details
    if refusal.status == InternalError.status:
        body["requestId"] = g.get("request_id", "")
    return body


def answer(refusal: Refusal) -> Response:
    """Return the response that tells `refusal`: the envelope, or a page."""
    response = jsonify(envelope(refusal)) if wants_json() else Response(_page(refusal), mimetype="text/html")
    response.status_code = refusal.status
    response.headers.extend(refusal.headers)
    return response


def _page(refusal: Refusal) -> str:
    title = TITLES.get(refusal.status, refusal.message)
    says_more = refusal.message.casefold() not in _SAID_BY_TITLES | {title.casefold()}
    return render_template(
        "errors/error.html",
        status=refusal.status,
        title=title,
        message=f"{refusal.message.rstrip('.')}." if says_more else "",
        problems=[] if says_more else [_for_people(detail) for detail in refusal.details],
        request_id=g.get("request_id", ""),
    )


def _for_people(detail: Detail) -> Detail:
    """Return a problem as the words behind the name of its field."""
    words = detail["message"].removeprefix("Input ")
    is_about_the_field = words != detail["message"]
    return {"field": detail["field"], "words": f" {words}" if is_about_the_field else f": {words}"}


def from_http(error: HTTPException) -> Refusal:
    """Return the refusal that says what Werkzeug or Flask refused."""
    status = error.code or 500
    refusal = Refusal(error.name, code=CODES.get(status, error.name.upper().replace(" ", "_")))
    refusal.status = status
    refusal.headers = {
        name: value for name, value in error.get_headers() if name not in ("Content-Type", "Content-Length")
    }
    return refusal


def _first_line(error: Exception) -> str:
    """Return what went wrong in one line: in an outage, every request says it."""
    return str(error).partition("\n")[0]


def register(app: Flask) -> None:
    """Answer every error of `app` in the one way."""

    @app.errorhandler(Refusal)
    def tell_refusal(error: Refusal) -> Response:
        return answer(error)

    @app.errorhandler(HTTPException)
    def tell_http_error(error: HTTPException) -> Response:
        if error.code is not None and error.code < 400:  # a redirect is no error
            return error.get_response()  # type: ignore[return-value]
        return answer(from_http(error))

    @app.errorhandler(OperationalError)
    @app.errorhandler(InterfaceError)
    @app.errorhandler(DisconnectionError)
    @app.errorhandler(PoolTimeout)
    def tell_outage(error: Exception) -> Response:
        logger.error("the database cannot be used: %s: %s", type(error).__name__, _first_line(error))
        return answer(Unavailable())

    @app.errorhandler(Exception)
    def tell_mistake(error: Exception) -> Response:
        logger.error("unexpected error", exc_info=error)
        return answer(InternalError())
