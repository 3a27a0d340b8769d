"""A name for each request, in the answer (`X-Request-Id`) and in every log line."""

import re
from secrets import token_hex

from flask import Flask, Response, g, request

HEADER = "X-Request-Id"
KEPT = re.compile(r"[A-Za-z0-9._-]{1,64}")


def register(app: Flask) -> None:
    """Give each request of `app` an id: the caller's where it is usable, else a new one."""

    @app.before_request
    def name_request() -> None:
        given = request.headers.get(HEADER)
        g.request_id = given if given and KEPT.fullmatch(given) else token_hex(16)

    @app.after_request
    def tell_name(response: Response) -> Response:
        response.headers[HEADER] = g.get("request_id") or token_hex(16)
        return response
