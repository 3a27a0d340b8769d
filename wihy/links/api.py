"""Saved links: `/api/tracking/links`."""

from typing import get_args
from uuid import UUID

from flask import Blueprint, Response

from wihy.analytics.service import clicks_of_links
from wihy.core.access import allow, staff, who_asks
from wihy.core.database import transaction
from wihy.core.openapi import Answer, answers, spec
from wihy.core.paging import Cursor
from wihy.core.qr import MIMETYPES, Kind, qr_picture
from wihy.links import service
from wihy.links.models import SavedLink
from wihy.links.queries import list_links
from wihy.links.schemas import LinkAnswer, LinkChanges, LinkJson, LinkList, LinksAnswer, NewLink
from wihy.links.urls import short_url

routes = Blueprint("links_api", __name__)
TAGS = ["Links"]
readers, writers = staff("links:read"), staff("links:write")
KINDS = ", ".join(get_args(Kind))
KEPT_A_DAY = "private, max-age=86400"


@routes.get("")
@allow(readers)
@spec.validate(resp=answers(LinksAnswer), tags=TAGS)
def list_saved_links(query: LinkList) -> Answer:
    """List saved links, the newest first."""
    page = list_links(
        limit=query.limit,
        after=Cursor.from_text(query.cursor) if query.cursor else None,
        archived=None if query.archived is None else query.archived == "true",
        text=query.q,
    )
    clicks = clicks_of_links([link.slug for link in page.links])
    return LinksAnswer(
        links=[LinkJson.of(link, clicks.get(link.slug, 0)) for link in page.links],
        next_cursor=page.next_cursor.to_text() if page.next_cursor else None,
    )


@routes.post("")
@allow(writers)
@spec.validate(resp=answers(LinkAnswer, 201, refusals=(401, 403, 409, 413, 415, 429)), tags=TAGS)
def create_link(json: NewLink) -> Answer:
    """Save a link under a short address.

    409 `SLUG_TAKEN`: another link has this slug, be it archived.
    """
    with transaction():
        link = service.create_link(json, UUID(who_asks().id))
    return LinkAnswer.of(link, 0), 201


@routes.get("/<slug>")
@allow(readers)
@spec.validate(resp=answers(LinkAnswer, refusals=(401, 403, 404, 429)), tags=TAGS)
def get_link(slug: str) -> Answer:
    """Tell one saved link."""
    return _told(service.get_link(slug))


@routes.patch("/<slug>")
@allow(writers)
@spec.validate(resp=answers(LinkAnswer, refusals=(401, 403, 404, 413, 415, 429)), tags=TAGS)
def change_link(slug: str, json: LinkChanges) -> Answer:
    """Change a saved link, archive it, or let it lead again.

    Its slug stays. Clicks that were counted stay with whom they were counted for. The short address follows at once.
    """
    with transaction():
        link = service.change_link(slug, json.given())
    return _told(link)


@routes.get(f"/<slug>/qr.<any({KINDS}):kind>")
@allow(readers)
@spec.validate(resp=answers(None, refusals=(401, 403, 404, 429)), tags=TAGS)
def show_qr(slug: str, kind: Kind) -> Answer:
    """Draw the short address as a QR code."""
    picture = qr_picture(short_url(service.get_link(slug).slug), kind)
    return Response(picture, mimetype=MIMETYPES[kind], headers={"Cache-Control": KEPT_A_DAY})


def _told(link: SavedLink) -> LinkAnswer:
    return LinkAnswer.of(link, clicks_of_links([link.slug]).get(link.slug, 0))
