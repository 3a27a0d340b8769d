"""Saved links as the links page shows them, and as its forms send them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from flask import request
from pydantic import BaseModel, ValidationError

from wihy.analytics.service import clicks_of_links
from wihy.core.clock import now, to_text
from wihy.core.errors import InvalidRequest
from wihy.core.paging import Cursor
from wihy.dashboard.trends import trends_of_links
from wihy.links.models import SavedLink
from wihy.links.queries import count_links, list_links
from wihy.links.service import LinkChanges, NewLink, get_link
from wihy.links.urls import short_url, tracking_url
from wihy.partners.queries import names_of

PAGE = "/tracking-admin"
SAVED = "#saved-links"
ARCHIVED_TAB = "?links=archived"
ON_A_PAGE = 20
TEXTS = ("referrer", "campaign", "source", "target")
KEEP = "keep"
ENDS = {
    "": "Never ends",
    "7": "Ends in 7 days",
    "30": "Ends in 30 days",
    "90": "Ends in 90 days",
    "365": "Ends in a year",
}

Model = TypeVar("Model", bound=BaseModel)


def saved_links() -> dict[str, Any]:
    """Return the list of saved links that the current address asks for."""
    is_archive, text = request.args.get("links") == "archived", request.args.get("q", "")[:255]
    cursor = request.args.get("cursor")
    page = list_links(
        limit=ON_A_PAGE, after=Cursor.from_text(cursor) if cursor else None, archived=is_archive, text=text
    )
    kept = {**({"links": "archived"} if is_archive else {}), **({"q": text} if text else {})}
    older = urlencode(kept | {"cursor": page.next_cursor.to_text()}) if page.next_cursor else None
    return {
        "links": _shown(page.links),
        "links_count": count_links(archived=is_archive),
        "is_archive": is_archive,
        "links_q": text,
        "ends": ENDS,
        "ends_typed": request.form.get("ends", ""),
        "slug_typed": request.form.get("slug", ""),
        "short_host": short_url("").partition("://")[2],
        "older_url": f"{PAGE}?{older}{SAVED}" if older else None,
        "newest_url": f"{PAGE}?{urlencode(kept)}{SAVED}" if cursor else None,
    }


def link_page(slug: str) -> dict[str, Any]:
    """Return one saved link and what was typed of it; raises `NotFound`."""
    link = get_link(slug)
    [shown] = _shown([link])
    sent = request.form
    return {
        "link": shown,
        "form": {name: sent.get(name, getattr(link, name) or "") for name in TEXTS},
        "ends": ({KEEP: "As it is"} if link.expires_at else {}) | ENDS,
    }


def new_link() -> NewLink:
    """Return the link that the current form holds; raises `InvalidRequest`."""
    given = {name: request.form.get(name, "").strip() for name in (*TEXTS, "slug")}
    return _read(NewLink, {name: text or None for name, text in given.items()} | _end())


def link_changes() -> LinkChanges:
    """Return the changes that the current form holds; an empty campaign or source is cleared."""
    given = {name: request.form.get(name, "").strip() for name in TEXTS if name in request.form}
    cleared = {name: text or (None if name in ("campaign", "source") else "") for name, text in given.items()}
    return _read(LinkChanges, cleared | _end())


def _end() -> dict[str, str | None]:
    chosen = request.form.get("ends", KEEP)
    if chosen == KEEP:
        return {}
    if chosen not in ENDS:
        raise InvalidRequest.at("ends", "choose one of the list")
    return {"expiresAt": to_text(now() + timedelta(days=int(chosen))) if chosen else None}


def _read(model: type[Model], given: dict[str, Any]) -> Model:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise InvalidRequest.of(error) from None


def _shown(links: Sequence[SavedLink]) -> list[dict[str, Any]]:
    clicks = clicks_of_links([link.slug for link in links])
    trends = trends_of_links([link.slug for link in links])
    names = names_of([link.referrer for link in links])
    return [
        {
            "slug": link.slug,
            "short_url": short_url(link.slug),
            "short_text": short_url(link.slug).partition("://")[2],
            "tracking_url": tracking_url(link),
            "target": link.target,
            "target_text": _without_scheme(link.target),
            "referrer": link.referrer,
            "name": names.get(link.referrer),
            "campaign": link.campaign,
            "clicks": clicks.get(link.slug, 0),
            "trend": trends[link.slug],
            "created_at": link.created_at,
            "expires_at": link.expires_at,
            "has_expired": link.expires_at is not None and link.expires_at <= now(),
            "is_archived": link.archived_at is not None,
            "url": f"{PAGE}/links/{link.slug}",
            "clicks_url": f"/tracking-dashboard?{urlencode({'link': link.slug, 'period': 'all'})}",
            "qr": f"/api/tracking/links/{link.slug}/qr",
        }
        for link in links
    ]


def _without_scheme(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}".rstrip("/")
