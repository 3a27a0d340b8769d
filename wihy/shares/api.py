"""Shared dashboards: `/api/tracking/shares`."""

from uuid import UUID

from flask import Blueprint

from wihy.core.access import allow, staff, who_asks
from wihy.core.database import transaction
from wihy.core.openapi import Answer, answers, spec
from wihy.core.paging import Cursor
from wihy.shares import service
from wihy.shares.queries import list_shares, maker_of
from wihy.shares.schemas import IssuedShare, NewShare, ShareAnswer, ShareJson, ShareQuery, SharesAnswer

routes = Blueprint("shares_api", __name__)
TAGS = ["Shares"]
readers, writers = staff("dashboards:read"), staff("shares:write")


@routes.get("")
@allow(readers)
@spec.validate(resp=answers(SharesAnswer), tags=TAGS)
def list_all_shares(query: ShareQuery) -> Answer:
    """List shared dashboards, the newest first

    Ended ones, too. Their links are told to nobody: they were shown when they were made.
    """
    page = list_shares(limit=query.limit, after=Cursor.from_text(query.cursor) if query.cursor else None)
    return SharesAnswer.of(page.shares, page.next_cursor.to_text() if page.next_cursor else None)


@routes.post("")
@allow(writers)
@spec.validate(resp=answers(IssuedShare, 201, refusals=(401, 403, 413, 415, 429)), tags=TAGS)
def create_share(json: NewShare) -> Answer:
    """Share the dashboard, locked to filters

    Whoever has the link sees the dashboard under these filters without signing in, until it expires or is revoked.
    They may choose days, a comparison and further filters, and take off none of these. `token` and `url` are shown
    this once: only a digest is kept.
    """
    with transaction():
        share, token = service.create_share(json, UUID(who_asks().id))
    return IssuedShare.of(share, maker_of(share), token), 201


@routes.delete("/<uuid:share_id>")
@allow(writers)
@spec.validate(resp=answers(ShareAnswer, refusals=(401, 403, 404, 429)), tags=TAGS)
def revoke_share(share_id: UUID) -> Answer:
    """Revoke a shared dashboard

    At once: its link opens nothing any more. One that is revoked already stays as it is.
    """
    with transaction():
        share = service.revoke_share(share_id)
    return ShareAnswer(share=ShareJson.of(share, maker_of(share)))
