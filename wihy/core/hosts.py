"""Which names we answer to: others could turn our own pages against their readers (DNS rebinding)."""

from functools import lru_cache
from urllib.parse import urlsplit

from flask import Flask, request
from werkzeug.sansio.utils import host_is_trusted

from config import Settings
from wihy.core.errors import InvalidRequest

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
PROBES = ("/healthz", "/readyz", "/metrics")  # asked by load balancers, by address


def register(app: Flask, settings: Settings) -> None:
    """Refuse requests of `app` for a host that is neither ours nor in `ALLOWED_HOSTS`."""
    ours = urlsplit(settings.public_url).hostname or ""
    names = [*LOOPBACK, ours, *settings.allowed_hosts]

    @lru_cache(maxsize=256)
    def is_ours(host: str) -> bool:
        return host_is_trusted(host, names)

    @app.before_request
    def refuse_foreign_host() -> None:
        if request.path not in PROBES and not is_ours(request.host):
            raise InvalidRequest("This host name is not served here")
