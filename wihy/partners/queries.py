"""Reading partners."""

from collections.abc import Collection

from sqlalchemy import select

from wihy.core.database import db
from wihy.partners.models import PartnerAccess


def find_partner(tracking_id: str) -> PartnerAccess | None:
    """Return the partner with this tracking id."""
    return db.session.scalar(select(PartnerAccess).where(PartnerAccess.tracking_id == tracking_id))


def names_of(ids: Collection[str]) -> dict[str, str]:
    """Return the names of those of `ids` that are partners with a name."""
    named = select(PartnerAccess.tracking_id, PartnerAccess.partner_name).where(
        PartnerAccess.tracking_id.in_(ids), PartnerAccess.partner_name.is_not(None)
    )
    return {tracking_id: name for tracking_id, name in db.session.execute(named) if name}


def ids_of_partners(ids: Collection[str]) -> set[str]:
    """Return those of `ids` that are partners'."""
    return set(
        db.session.scalars(select(PartnerAccess.tracking_id).where(PartnerAccess.tracking_id.in_(ids)))
    )
