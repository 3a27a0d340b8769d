"""Partners' access: giving it, taking it away, giving it again. Every new token ends the one before.

A token is returned by what makes it, and by nothing else: it is shown this once, and only its digest is kept.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from wihy.audit.service import record
from wihy.core.capabilities import Kind, Status, digest, issue_token
from wihy.core.clock import now
from wihy.core.database import db
from wihy.core.errors import Conflict, NotFound
from wihy.core.facts import announce
from wihy.core.settings import settings
from wihy.partners.facts import PartnerLinkEnded
from wihy.partners.models import PartnerAccess

FIRST_VERSION = 1
DEFAULT_DAYS = 365
LONGEST_DAYS = 3650


class PartnerExists(Conflict):
    """The tracking id belongs to a partner already."""

    code, message = "PARTNER_EXISTS", "There is a partner with this tracking id already"


class PartnerRevoked(Conflict):
    """A partner whose access was withdrawn gets no new token by the way."""

    code, message = "PARTNER_REVOKED", "This partner's access is revoked: restore it instead"


class PartnerNotRevoked(Conflict):
    """There is nothing to restore."""

    code, message = "PARTNER_NOT_REVOKED", "This partner's access is not revoked: rotate its token instead"


class AlreadyChanged(Conflict):
    """A form was sent twice, or somebody was quicker."""

    message = "This partner got a new token meanwhile: look at the list again"


class Issued(NamedTuple):
    """A partner, and the token that was just made for them."""

    partner: PartnerAccess
    token: str


def add_partner(
    tracking_id: str,
    name: str | None,
    email: str | None,
    expires_at: datetime | None,
    language: str | None = None,
) -> Issued:
    """Store a new partner; returns it and its token, which is shown this once.

    `language` (English where it is None) is what they are written to in. Raises `PartnerExists`.
    """
    token = issue_token(Kind.PARTNER, tracking_id, FIRST_VERSION, settings().jwt_secret)
    partner = PartnerAccess(
        tracking_id=tracking_id,
        partner_name=name,
        email=email,
        language=language,
        access_token=digest(token),
        created_at=now(),
        expires_at=expires_at,
        is_active=True,
        token_version=FIRST_VERSION,
    )
    try:
        with db.session.begin_nested():
            db.session.add(partner)
    except IntegrityError:
        raise PartnerExists from None
    details = {"expires_at": expires_at, "language": language}
    record("PARTNER_CREATED", thing_of(partner), details=details, personal={"name": name, "email": email})
    return Issued(partner, token)


def thing_of(partner: PartnerAccess) -> str:
    """Return what the audit log calls `partner`."""
    return f"{Kind.PARTNER}:{partner.tracking_id}"


def end_after(days: int) -> datetime:
    """Return the moment at which a token ends that is made now for so many days."""
    return now() + timedelta(days=days)


def revoke_partner(tracking_id: str) -> PartnerAccess:
    """Withdraw the access at once; one that is withdrawn already stays as it is. Raises `NotFound`."""
    partner = _locked(tracking_id)
    if partner.status is not Status.REVOKED:
        partner.is_active, partner.revoked_at = False, now()
        record("PARTNER_REVOKED", thing_of(partner))
        announce(PartnerLinkEnded(tracking_id))
    db.session.flush()
    return partner


def restore_partner(tracking_id: str, days: int | None = None, version: int | None = None) -> Issued:
    """Give a partner whose access was revoked a new token; `days` and `version` as in `rotate_token`.

    Raises `NotFound`, `PartnerNotRevoked` or `AlreadyChanged`.
    """
    partner = _locked(tracking_id, version)
    if partner.status is not Status.REVOKED:
        raise PartnerNotRevoked
    partner.is_active, partner.revoked_at = True, None
    return _reissue(partner, days, "PARTNER_RESTORED")


def rotate_token(tracking_id: str, days: int | None = None, version: int | None = None) -> Issued:
    """Replace the token of a partner, at once.

    It works for `days`; by default as long as the one before would have, or a year where that has ended. `version` is
    the token's that is to be replaced, where who asks knows it.

    Raises `NotFound`, `PartnerRevoked` or `AlreadyChanged`.
    """
    partner = _locked(tracking_id, version)
    if partner.status is Status.REVOKED:
        raise PartnerRevoked
    return _reissue(partner, days, "PARTNER_TOKEN_ROTATED")


def _locked(tracking_id: str, version: int | None = None) -> PartnerAccess:
    found = select(PartnerAccess).where(PartnerAccess.tracking_id == tracking_id).with_for_update()
    partner = db.session.scalar(found.execution_options(populate_existing=True))
    if partner is None:
        raise NotFound("There is no partner with this tracking id")
    if version is not None and version != partner.token_version:
        raise AlreadyChanged
    return partner


def _reissue(partner: PartnerAccess, days: int | None, action: str) -> Issued:
    partner.token_version += 1
    token = issue_token(Kind.PARTNER, partner.tracking_id, partner.token_version, settings().jwt_secret)
    partner.access_token = digest(token)
    if days is not None:
        partner.expires_at = end_after(days)
    elif partner.status is Status.EXPIRED:
        partner.expires_at = end_after(DEFAULT_DAYS)
    db.session.flush()
    record(action, thing_of(partner), details={"expires_at": partner.expires_at})
    announce(PartnerLinkEnded(partner.tracking_id))
    return Issued(partner, token)
