"""Routes of partners' access: `/api/tracking/partner/…`, and their list, `/api/tracking/partners`."""

from collections.abc import Callable

from flask import Blueprint, Response

from wihy.core.access import allow, staff
from wihy.core.bodies import read_json
from wihy.core.database import transaction
from wihy.core.openapi import Answer, answers, describe, spec
from wihy.core.paths import check_tracking_id
from wihy.partners import invitations, service
from wihy.partners.listing import list_with_figures
from wihy.partners.schemas import (
    IssuedAnswer,
    NewPartner,
    NewTerm,
    PartnerJson,
    PartnerQuery,
    PartnersAnswer,
    RevokedAnswer,
)

routes = Blueprint("partners_access_api", __name__)
list_routes = Blueprint("partners_list_api", __name__)

TAGS = ["Partners"]
WRITE = "partners:write"
WRITTEN = (401, 403, 404, 409, 413, 415, 429)


@list_routes.get("")
@allow(staff("partners:read"))
@spec.validate(resp=answers(PartnersAnswer), tags=TAGS)
def list_partners(query: PartnerQuery) -> Answer:
    """List partners, newest first

    Each with the clicks, visitors and conversions of all time.
    """
    page = list_with_figures(q=query.q, active=query.active, cursor=query.cursor, limit=query.limit)
    return PartnersAnswer(
        partners=[PartnerJson.of(one) for one in page.partners], next_cursor=page.next_cursor
    )


@routes.post("/create")
@allow(staff(WRITE), key=WRITE)
@spec.validate(resp=answers(IssuedAnswer, 201, refusals=(401, 403, 409, 413, 415, 429)), tags=TAGS)
def create_partner(json: NewPartner) -> Answer:
    """Give a partner access to their numbers

    The token and the link that holds it are shown this once: only a digest is kept. 409 `PARTNER_EXISTS`: the
    tracking id has a partner, perhaps one that was revoked. 409 `CANNOT_MAIL`: an invitation was asked for where
    e-mail is not set up.
    """
    with transaction():
        ends_at = service.end_after(json.expires_in_days)
        issued = service.add_partner(json.tracking_id, json.partner_name, json.email, ends_at, json.language)
        if json.invite:
            invitations.send_invitation(issued.partner)
    return IssuedAnswer.of(issued), 201


@routes.post("/<tracking_id>/revoke")
@allow(staff(WRITE), key=WRITE)
@spec.validate(resp=answers(RevokedAnswer, refusals=(401, 403, 404, 429)), tags=TAGS)
def revoke_partner(tracking_id: str) -> Answer:
    """Withdraw a partner's access

    At once: the link opens nothing any more, and pages that are open with it are closed. One that is withdrawn
    already stays as it is.
    """
    check_tracking_id("trackingId", tracking_id)
    with transaction():
        partner = service.revoke_partner(tracking_id)
    return RevokedAnswer.model_validate(partner)


@routes.post("/<tracking_id>/rotate")
@allow(staff(WRITE), key=WRITE)
@describe(json=NewTerm, resp=answers(IssuedAnswer, refusals=WRITTEN), tags=TAGS)
def rotate_token(tracking_id: str) -> Response:
    """Replace a partner's token

    The new one is shown this once, the old one ends at once. The body may be left out. 409 `PARTNER_REVOKED`: restore
    it instead.
    """
    return _reissued(tracking_id, service.rotate_token)


@routes.post("/<tracking_id>/restore")
@allow(staff(WRITE), key=WRITE)
@describe(json=NewTerm, resp=answers(IssuedAnswer, refusals=WRITTEN), tags=TAGS)
def restore_partner(tracking_id: str) -> Response:
    """Give a revoked partner access again

    By a new token, shown this once; the old one stays ended. The body may be left out. 409 `PARTNER_NOT_REVOKED`: there
    is nothing to restore.
    """
    return _reissued(tracking_id, service.restore_partner)


@routes.post("/<tracking_id>/invite")
@allow(staff(WRITE), key=WRITE)
@spec.validate(resp=answers(IssuedAnswer, refusals=(401, 403, 404, 409, 429)), tags=TAGS)
def invite_partner(tracking_id: str) -> Answer:
    """Mail a partner a new link

    The new token is also shown here, this once; the old one ends at once. 409 `PARTNER_REVOKED`: restore it instead;
    `CANNOT_MAIL`: e-mail is not set up.
    """
    check_tracking_id("trackingId", tracking_id)
    with transaction():
        issued = invitations.invite_partner(tracking_id)
    return IssuedAnswer.of(issued)


def _reissued(tracking_id: str, reissue: Callable[[str, int | None], service.Issued]) -> Response:
    check_tracking_id("trackingId", tracking_id)
    term = read_json(NewTerm, optional=True)
    with transaction():
        issued = reissue(tracking_id, term.expires_in_days)
    return Response(IssuedAnswer.of(issued).model_dump_json(), mimetype="application/json")
