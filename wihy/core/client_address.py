"""The address a request came from: the peer's, or the one that exactly `TRUSTED_PROXIES` proxies report."""

import ipaddress
import logging
from collections.abc import Mapping
from functools import lru_cache
from socket import AF_INET, inet_pton
from typing import Any

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Settings

BEFORE_PROXIES = "werkzeug.proxy_fix.orig"  # what the request was before ProxyFix

logger = logging.getLogger(__name__)


class ForwardedUnasked:
    """Remembers whether a private peer sent a forwarded address that the settings tell us not to trust."""

    def __init__(self) -> None:
        self.seen = False

    def note(self) -> None:
        """Warn once."""
        if not self.seen:
            self.seen = True
            logger.warning("X-Forwarded-For came from a private address but TRUSTED_PROXIES is 0")


def register(app: Flask, settings: Settings) -> None:
    """Read forwarded addresses of `app`'s requests as the settings say; else notice them."""
    app.extensions["forwarded_unasked"] = noticed = ForwardedUnasked()
    hops = settings.trusted_proxies
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
        return

    @app.before_request
    def notice_forwarded() -> None:
        if not noticed.seen and "X-Forwarded-For" in request.headers:
            peer = parse(request.remote_addr)
            if peer is not None and peer.is_private:
                noticed.note()


def client_address() -> str:
    """Return the client's address in its shortest form; a forwarded text that is no address counts as the peer."""
    return address_in(request.environ)


def address_in(environ: Mapping[str, Any]) -> str:
    """Return the client's address of the request whose WSGI environment that is."""
    return shortest(environ.get("REMOTE_ADDR")) or _peer_address(environ)


def is_forwarded_unasked(environ: Mapping[str, Any]) -> bool:
    """Whether a forwarded address came that the settings tell us not to trust."""
    return "HTTP_X_FORWARDED_FOR" in environ and BEFORE_PROXIES not in environ


def _peer_address(environ: Mapping[str, Any]) -> str:
    return shortest(environ.get(BEFORE_PROXIES, {}).get("REMOTE_ADDR")) or "0.0.0.0"


def shortest(text: str | None) -> str | None:
    """Return the address `text` holds in its one shortest form, or `None`."""
    try:
        inet_pton(AF_INET, text or "")  # most are IPv4, and of those this takes one form only
        return text
    except (OSError, ValueError):
        return _shortest(text)


@lru_cache(maxsize=4096)
def _shortest(text: str | None) -> str | None:
    address = parse(text)
    return None if address is None else str(address)


def parse(text: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address `text` holds (an IPv4 one inside IPv6 unwrapped, without a zone), or `None`."""
    try:
        address = ipaddress.ip_address((text or "").split("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
