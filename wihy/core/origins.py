"""Which web pages may talk to us: our own, and those of `ALLOWED_ORIGINS` (CORS, Fetch Standard)."""

import re
from functools import lru_cache
from typing import Any

from flask import Flask, Request, Response, current_app, request
from flask_cors import CORS
from flask_cors.core import get_cors_headers, get_cors_options
from werkzeug.datastructures import Headers

from config import Settings
from wihy.core.settings import settings

API_PATHS = (r"/api/.*", r"/interactions.*", r"/contents.*")


def register(app: Flask, settings: Settings) -> None:
    """Answer cross-origin questions about the API of `app`."""
    options: dict[str, Any] = {
        "origins": [pattern(origin) for origin in settings.allowed_origins],
        "allow_headers": [
            "Authorization",
            "Content-Type",
            "Idempotency-Key",
            "X-Api-Key",
            "X-Request-Id",
        ],
        "expose_headers": [
            "Idempotency-Replayed",
            "Retry-After",
            "X-Request-Id",
            "X-RateLimit-Limit",
            "X-RateLimit-Remaining",
        ],
        "max_age": 7200,
    }
    CORS(app, resources=list(API_PATHS), **options)
    all_options = get_cors_options(app, options)

    @lru_cache(maxsize=256)
    def headers_for(origin: str) -> tuple[tuple[str, str], ...]:
        found = get_cors_headers(all_options, Headers({"Origin": origin}), "POST")
        return tuple((name, str(value)) for name, value in found.items(multi=True))

    app.extensions["cors_headers"] = headers_for
    answer_origin = app.after_request_funcs[
        None
    ].pop()  # of no use to a request without one, but not for nothing

    @app.after_request
    def answer_pages(response: Response) -> Response:
        return answer_origin(response) if "Origin" in request.headers else response  # type: ignore[return-value]


def headers_for(origin: str) -> tuple[tuple[str, str], ...]:
    """Return what lets pages of `origin` read an answer to what they sent: nothing for those that may not."""
    found: tuple[tuple[str, str], ...] = current_app.extensions["cors_headers"](origin)
    return found


@lru_cache(maxsize=256)
def pattern(origin: str) -> str:
    """Return the regular expression of `origin`, in which `*.` stands for whole labels of a subdomain."""
    label = r"([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+"
    return "^" + re.escape(origin.rstrip("/")).replace(r"\*\.", label) + r"\Z"


def is_allowed(request: Request) -> bool:
    """Whether the page that sent `request` may: it names no origin, or ours, or an allowed one."""
    origin = request.headers.get("Origin")
    return origin is None or origin == request.host_url.rstrip("/") or is_allowed_origin(origin)


def is_allowed_origin(origin: str) -> bool:
    """Whether pages of `origin` (`https://www.example.org`) may: they are ours, or named in `ALLOWED_ORIGINS`."""
    if origin == settings().public_url:
        return True
    return any(re.match(pattern(allowed), origin) for allowed in settings().allowed_origins)
