"""Inviting partners by mail. Neither the token nor the link is stored: they are made again when the mail leaves."""

from collections.abc import Mapping
from typing import Any

from wihy.audit.service import record
from wihy.core.capabilities import Status
from wihy.core.database import db
from wihy.core.errors import Conflict, InvalidRequest
from wihy.core.settings import settings
from wihy.core.texts import DEFAULT
from wihy.outbox.service import Obsolete, put_mail
from wihy.partners.models import PartnerAccess
from wihy.partners.queries import find_partner
from wihy.partners.service import DEFAULT_DAYS, Issued, end_after, rotate_token, thing_of
from wihy.partners.urls import page_url

TEMPLATE = "partner_invitation"


class CannotMail(Conflict):
    """There is no server to send mail by."""

    code, message = "CANNOT_MAIL", "E-mail is not set up here: send the link yourself"


def invite_partner(tracking_id: str, version: int | None = None) -> Issued:
    """Give the partner a new token, which ends the one before, and have its link mailed to them.

    `version` as in `rotate_token`. Raises what that raises, and what `send_invitation` does.
    """
    issued = rotate_token(tracking_id, version=version)
    send_invitation(issued.partner)
    return issued


def send_invitation(partner: PartnerAccess) -> None:
    """Have the link of `partner` mailed to them in their language; one without an end gets one.

    Raises `CannotMail`, or `InvalidRequest` where no e-mail is known.
    """
    if not settings().can_mail:
        raise CannotMail
    if partner.email is None:
        raise InvalidRequest.at("email", "an invitation needs the partner's e-mail address")
    partner.expires_at = partner.expires_at or end_after(DEFAULT_DAYS)
    db.session.flush()
    details = {"trackingId": partner.tracking_id, "version": partner.token_version}
    record("PARTNER_INVITED", thing_of(partner), personal={"email": partner.email})
    put_mail(TEMPLATE, partner.email, details, language=partner.language or DEFAULT)


def complete_mail(details: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what the mail takes; raises `Obsolete` where its link has ended, or cannot be made again."""
    partner = find_partner(details["trackingId"])
    if partner is None or partner.status is not Status.ACTIVE or partner.token_version != details["version"]:
        raise Obsolete
    token = partner.capability.find_token()
    if token is None or partner.expires_at is None:
        raise Obsolete
    return {
        "partnerName": partner.partner_name or partner.tracking_id,
        "link": page_url(partner.tracking_id, token),
        "expiresOn": partner.expires_at.date(),
    }
