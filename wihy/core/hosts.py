"""Which names we answer to: others could turn our own pages against their readers (DNS rebinding)."""

from functools import lru_cache
from urllib.parse import urlsplit

from flask import Flask, request

from config import Settings
from wihy.core.errors import InvalidRequest

LOOPBACK = ("localhost", "127.0.0.1", "::1")
PROBES = ("/healthz", "/readyz", "/metrics")  # asked by load balancers, by address


def register(app: Flask, settings: Settings) -> None:
    """Refuse requests of `app` for a host neither ours nor in `ALLOWED_HOSTS` (`.example.org`: all below it)."""
    ours = urlsplit(settings.public_url).hostname or ""
    names = frozenset(name.lower() for name in (*LOOPBACK, ours, *settings.allowed_hosts))
    below = tuple(name for name in names if name.startswith("."))

    @lru_cache(maxsize=256)
    def is_ours(host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return name in names or (bool(below) and name.endswith(below))

    app.extensions["is_our_host"] = is_ours

    @app.before_request
    def refuse_foreign_host() -> None:
        host = request.environ.get("HTTP_HOST") or request.host
        if not is_ours(host) and request.path not in PROBES:
            raise InvalidRequest("This host name is not served here")
