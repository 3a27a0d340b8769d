"""A name for each request, in the answer (`X-Request-Id`) and in every log line."""

import re

from flask import Flask, Response, g, has_request_context, request

from wihy.core.chance import random_64

HEADER = "X-Request-Id"
KEPT = re.compile(r"[A-Za-z0-9._-]{1,64}")


def register(app: Flask) -> None:
    """Give each request of `app` an id: the caller's where it is usable, else a new one."""

    @app.before_request
    def name_request() -> None:
        g.request_id = name_of(request.headers.get(HEADER))

    @app.after_request
    def tell_name(response: Response) -> Response:
        response.headers[HEADER] = g.get("request_id") or _new_name()
        return response


def current_request_id() -> str | None:
    """Return the id of the current request, None outside of one."""
    found: str | None = g.get("request_id") if has_request_context() else None
    return found


def name_of(given: str | None) -> str:
    """Return the id of a request whose caller named it `given`."""
    return given if given and KEPT.fullmatch(given) else _new_name()


def _new_name() -> str:
    """Return 32 hexadecimal digits."""
    return f"{random_64():016x}{random_64():016x}"
