"""What every page's template is given: who reads it, where they are, in which colours and zone.

All that needs the database is looked up only where a template uses it, so that error pages stand when it is away.
"""

from dataclasses import dataclass
from typing import Any

from flask import Flask, request
from jinja2 import StrictUndefined
from werkzeug.local import LocalProxy

from wihy import __version__
from wihy.core.access import Kind, who_asks
from wihy.notifications.queries import count_unread
from wihy.web import formats

THEMES = ("light", "dark")
THEME_COOKIE = "wihy_theme"
STAFF_PAGES = (
    ("Dashboard", "/tracking-dashboard"),
    ("Links", "/tracking-admin"),
    ("Partners", "/tracking-admin/partners"),
    ("Customers", "/customers"),
    ("Audit", "/audit"),
)
NEEDED = {"/audit": "audit:read"}  # by a page that not all staff may see


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the navigation; `current` where its page, or one below it, is open."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Account:
    """Whom the account menu belongs to."""

    id: str
    email: str
    role: str


def register(app: Flask) -> None:
    """Give `app`'s templates what every page needs; an unknown name in one is an error."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    formats.register(app)
    app.context_processor(_context)


def _context() -> dict[str, Any]:
    theme = request.cookies.get(THEME_COOKIE)
    return {
        "version": __version__,
        "theme": theme if theme in THEMES else None,
        "time_zone": formats.viewer_zone_name(),
        "principal": LocalProxy(who_asks),
        "account": LocalProxy(_account),
        "navigation": LocalProxy(_navigation),
        "unread_notifications": _unread_notifications,
    }


def _account() -> Account:
    principal = who_asks()
    return Account(principal.id, principal.name, principal.role)


def _navigation() -> list[Place]:
    if who_asks().kind is not Kind.STAFF:
        return []
    may = who_asks().permissions
    pages = [(label, url) for label, url in STAFF_PAGES if NEEDED.get(url) in {None, *may}]
    at = max((url for _, url in STAFF_PAGES if _is_at(url)), key=len, default=None)
    return [Place(label, url, url == at) for label, url in pages]


def _unread_notifications() -> int:
    """Return how many notifications the customer who asks has not read."""
    return count_unread(int(who_asks().id))


def _is_at(url: str) -> bool:
    return request.path == url or request.path.startswith(url + "/")
