"""Inviting partners by mail. Neither the token nor the link is stored: they are made again when the mail leaves."""

from collections.abc import Mapping
from typing import Any

from wihy.core.clock import to_text
from wihy.core.errors import InvalidRequest
from wihy.partners.access import find_token
from wihy.partners.models import Status
from wihy.partners.queries import find_partner
from wihy.partners.service import Issued, rotate_token
from wihy.partners.urls import page_url

TEMPLATE = "partner_invitation"


def invite_partner(tracking_id: str) -> tuple[Issued, dict[str, Any]]:
    """Give the partner a new token, which ends the one before; returns it, and the details to put into the outbox.

    Raises `NotFound`, `PartnerRevoked`, or `InvalidRequest` where no e-mail is known.
    """
    issued = rotate_token(tracking_id)
    if issued.partner.email is None:
        raise InvalidRequest.at("email", "this partner has no e-mail address to send an invitation to")
    return issued, {"trackingId": tracking_id, "version": issued.partner.token_version}


def invite_mail(details: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return what the mail takes, with the link; None where that link has ended meanwhile, or cannot be made again."""
    partner = find_partner(details["trackingId"])
    if partner is None or partner.status is not Status.ACTIVE or partner.token_version != details["version"]:
        return None
    token = find_token(partner)
    if token is None:
        return None
    return {
        "name": partner.partner_name or partner.tracking_id,
        "link": page_url(partner.tracking_id, token),
        "expires_at": to_text(partner.expires_at) if partner.expires_at else None,
    }
