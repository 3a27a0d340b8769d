"""Reading partners."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, false, func, or_, select, tuple_

from wihy.core.clock import now
from wihy.core.database import db
from wihy.core.paging import Cursor
from wihy.partners.models import PartnerAccess


class Page(NamedTuple):
    """Some partners, and where the next ones begin (None: there are no more)."""

    partners: Sequence[PartnerAccess]
    next_cursor: Cursor | None


def find_partner(tracking_id: str) -> PartnerAccess | None:
    """Return the partner with this tracking id."""
    return db.session.scalar(select(PartnerAccess).where(PartnerAccess.tracking_id == tracking_id))


def names_of(ids: Collection[str]) -> dict[str, str]:
    """Return the names of those of `ids` that are partners with a name."""
    named = select(PartnerAccess.tracking_id, PartnerAccess.partner_name).where(
        PartnerAccess.tracking_id.in_(ids), PartnerAccess.partner_name.is_not(None)
    )
    return {tracking_id: name for tracking_id, name in db.session.execute(named) if name}


def find_partners(ids: Collection[str]) -> dict[str, PartnerAccess]:
    """Return those of `ids` that are partners', with their partners."""
    found = db.session.scalars(select(PartnerAccess).where(PartnerAccess.tracking_id.in_(ids)))
    return {partner.tracking_id: partner for partner in found}


def newest_ids(limit: int) -> Sequence[str]:
    """Return the ids of at most `limit` partners, newest first."""
    newest = select(PartnerAccess.tracking_id).order_by(PartnerAccess.created_at.desc())
    return db.session.scalars(newest.limit(limit)).all()


def ids_of_partners(ids: Collection[str]) -> set[str]:
    """Return those of `ids` that are partners'."""
    return set(
        db.session.scalars(select(PartnerAccess.tracking_id).where(PartnerAccess.tracking_id.in_(ids)))
    )


def list_partners(
    *, limit: int, q: str | None = None, active: bool | None = None, after: Cursor | None = None
) -> Page:
    """Return at most `limit` partners behind `after`, newest first.

    `q` is part of an id, a name or an e-mail; `active`: whether their link opens their page now.
    """
    found = select(PartnerAccess)
    if q:
        named = (PartnerAccess.tracking_id, PartnerAccess.partner_name, PartnerAccess.email)
        found = found.where(or_(*(column.icontains(q, autoescape=True) for column in named)))
    if active is not None:
        found = found.where(_is_active() if active else ~_is_active())
    if after:
        found = found.where(tuple_(PartnerAccess.created_at, PartnerAccess.id) < tuple_(after.at, after.id))
    newest = found.order_by(PartnerAccess.created_at.desc(), PartnerAccess.id.desc())
    rows = db.session.scalars(newest.limit(limit + 1)).all()
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(rows[:limit], Cursor(last.created_at, last.id) if last else None)


def open_pages(pages: Collection[tuple[str, int]]) -> set[tuple[str, int]]:
    """Return those of `pages` (tracking id, version of the token) that this token opens now."""
    found = select(PartnerAccess.tracking_id, PartnerAccess.token_version).where(
        PartnerAccess.tracking_id.in_({tracking_id for tracking_id, _ in pages}), _is_active()
    )
    return {(tracking_id, version) for tracking_id, version in db.session.execute(found)} & set(pages)


def _is_active() -> ColumnElement[bool]:
    """The condition that `Status.ACTIVE` is: never NULL, so that it can be turned round."""
    lasting = or_(PartnerAccess.expires_at.is_(None), PartnerAccess.expires_at > now())
    return and_(func.coalesce(PartnerAccess.is_active, false()), PartnerAccess.revoked_at.is_(None), lasting)
