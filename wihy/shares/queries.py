"""Reading shared dashboards: from the primary, so that what has ended has ended."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select, tuple_

from wihy.accounts.models import User
from wihy.core.database import db
from wihy.core.paging import Cursor
from wihy.shares.models import ShareLink


class ListedShare(NamedTuple):
    """A share, and the e-mail of who made it (None: nobody's account)."""

    share: ShareLink
    made_by: str | None


class SharePage(NamedTuple):
    """Some shares, and where the next ones begin (None: there are no more)."""

    shares: list[ListedShare]
    next_cursor: Cursor | None


def find_share(share_id: UUID, *, lock: bool = False) -> ShareLink | None:
    """Return the share; `lock`: until the transaction ends, others only read it."""
    found = select(ShareLink).where(ShareLink.id == share_id)
    found = found.with_for_update() if lock else found
    return db.session.scalar(found.execution_options(populate_existing=True))


def find_share_of(token_digest: str) -> ShareLink | None:
    """Return the share whose token has this digest."""
    found = select(ShareLink).where(ShareLink.token_digest == token_digest)
    return db.session.scalar(found.execution_options(populate_existing=True))


def list_shares(*, limit: int, after: Cursor | None = None) -> SharePage:
    """Return at most `limit` shares behind `after`, newest first, ended ones too."""
    found = select(ShareLink, User.email).outerjoin(User, User.id == ShareLink.created_by)
    if after:
        found = found.where(tuple_(ShareLink.created_at, ShareLink.id) < tuple_(after.at, after.id))
    newest = found.order_by(ShareLink.created_at.desc(), ShareLink.id.desc())
    rows = [ListedShare(share, email) for share, email in db.session.execute(newest.limit(limit + 1))]
    last = rows[limit - 1].share if len(rows) > limit else None
    return SharePage(rows[:limit], Cursor(last.created_at, last.id) if last else None)


def maker_of(share: ShareLink) -> str | None:
    """Return the e-mail of who made `share`."""
    return db.session.scalar(select(User.email).where(User.id == share.created_by))
