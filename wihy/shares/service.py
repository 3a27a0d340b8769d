"""What can be done with shared dashboards: making one, ending it, opening it.

A share belongs to the house: it outlives the account that made it, and any admin may end it.
"""

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from wihy.audit.service import record
from wihy.core.capabilities import InvalidAccessToken, Kind, digest, issue_token
from wihy.core.clock import now
from wihy.core.database import db
from wihy.core.errors import NotFound
from wihy.core.ids import new_id
from wihy.core.settings import settings
from wihy.shares.models import ONLY_VERSION, ShareLink
from wihy.shares.queries import find_share, find_share_of
from wihy.shares.schemas import DEFAULT_DAYS, LONGEST_DAYS, LockedFilters, NewShare

__all__ = [  # what other rooms use
    "DEFAULT_DAYS",
    "LONGEST_DAYS",
    "Issued",
    "LockedFilters",
    "NewShare",
    "create_share",
    "judge",
    "open_share",
    "revoke_share",
]


class Issued(NamedTuple):
    """A share, and the token that was just made for it."""

    share: ShareLink
    token: str


def create_share(new: NewShare, created_by: UUID | None = None) -> Issued:
    """Store a share (flushed); returns it and its token, which is shown this once."""
    id_, moment = new_id(), now()
    token = issue_token(Kind.SHARE, str(id_), ONLY_VERSION, settings().jwt_secret)
    share = ShareLink(
        id=id_,
        name=new.name,
        filters=new.filters.given(),
        token_digest=digest(token),
        created_at=moment,
        created_by=created_by,
        expires_at=moment + timedelta(days=new.expires_in_days),
    )
    db.session.add(share)
    db.session.flush()
    details = {"name": share.name, "filters": share.filters, "expires_at": share.expires_at}
    record("SHARE_CREATED", f"{Kind.SHARE}:{id_}", details=details)
    return Issued(share, token)


def revoke_share(share_id: UUID) -> ShareLink:
    """End a share at once; one that was ended already stays as it is. Raises `NotFound`."""
    share = find_share(share_id, lock=True)
    if share is None:
        raise NotFound("There is no such share")
    if share.revoked_at is None:
        share.revoked_at = now()
        record("SHARE_REVOKED", f"{Kind.SHARE}:{share_id}", details={"name": share.name})
    db.session.flush()
    return share


def open_share(token: str) -> ShareLink:
    """Return the share that `token` opens; raises `InvalidAccessToken`."""
    share = find_share_of(digest(token))
    if share is None:
        raise InvalidAccessToken("wrong")
    share.capability.check(token)
    return share


def judge(share_id: UUID, token: str | None, *, is_staff: bool) -> ShareLink:
    """Return the share that is shown to who asks; raises `InvalidAccessToken`.

    Staff need no token, but see no more than that it has ended. Whether there is such a share is told to nobody else.
    """
    share = find_share(share_id)
    if is_staff and share is not None:
        share.capability.check_state()
        return share
    if token is None:
        raise InvalidAccessToken("missing")
    if share is None:
        raise InvalidAccessToken("wrong")
    share.capability.check(token)
    return share
