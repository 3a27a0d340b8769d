"""Partners as staff manage them: `/tracking-admin/partners`.

Each form goes to an address of its own. A new token is shown in the answer itself, and nowhere else; what is refused
shows the page again.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from wihy.core.access import allow, staff, who_asks
from wihy.core.database import transaction
from wihy.core.errors import InvalidRequest, Refusal
from wihy.core.paths import check_tracking_id
from wihy.core.settings import settings
from wihy.core.texts import NAMES as LANGUAGES
from wihy.partners import invitations, service
from wihy.partners.listing import list_with_figures
from wihy.partners.schemas import IssuedAnswer, NewPartner, PartnerQuery
from wihy.partners.service import DEFAULT_DAYS, LONGEST_DAYS, Issued

routes = Blueprint("partners_staff", __name__, url_prefix="/tracking-admin/partners")

PAGE = "/tracking-admin/partners"
WRITE = "partners:write"
FIELDS = ("trackingId", "partnerName", "email", "language", "expiresInDays")
SHOWN = ((None, "All"), (True, "Active"), (False, "Ended"))


@routes.get("")
@allow(staff("partners:read"))
def show_partners() -> ResponseReturnValue:
    """Show all partners, or those that are looked for."""
    return _page()


@routes.post("")
@allow(staff(WRITE))
def create_partner() -> ResponseReturnValue:
    """Give a partner access, and show the token, this once."""

    def act() -> Issued:
        given = _read()
        ends_at = service.end_after(given.expires_in_days)
        with transaction():
            issued = service.add_partner(
                given.tracking_id, given.partner_name, given.email, ends_at, given.language
            )
            if given.invite:
                invitations.send_invitation(issued.partner)
        return issued

    return _issue(act, form="create")


@routes.post("/<tracking_id>/rotate")
@allow(staff(WRITE))
def rotate_token(tracking_id: str) -> ResponseReturnValue:
    """Replace the token, and show the new one, this once."""
    return _reissue(tracking_id, service.rotate_token)


@routes.post("/<tracking_id>/restore")
@allow(staff(WRITE))
def restore_partner(tracking_id: str) -> ResponseReturnValue:
    """Give a revoked partner a new token, and show it, this once."""
    return _reissue(tracking_id, service.restore_partner)


@routes.post("/<tracking_id>/invite")
@allow(staff(WRITE))
def invite_partner(tracking_id: str) -> ResponseReturnValue:
    """Mail a new link, and show it, this once."""
    return _reissue(tracking_id, invitations.invite_partner)


@routes.post("/<tracking_id>/revoke")
@allow(staff(WRITE))
def revoke_partner(tracking_id: str) -> ResponseReturnValue:
    """Withdraw a partner's access."""
    check_tracking_id("trackingId", tracking_id)
    try:
        with transaction():
            partner = service.revoke_partner(tracking_id)
    except Refusal as refusal:
        return _refused(refusal)
    flash(f"Revoked: the link of {partner.partner_name or tracking_id} opens nothing any more.")
    return redirect(_address(_asked()), 303)


@routes.get("/<tracking_id>/<any(rotate, restore, invite, revoke):_verb>")
@allow(staff("partners:read"))
def show_form(tracking_id: str, _verb: str) -> ResponseReturnValue:
    """Lead to the page whose form this was: its answer leaves the address in the browser."""
    return redirect(_address(PartnerQuery.model_validate({"q": tracking_id})))


def _reissue(tracking_id: str, reissue: Callable[..., Issued]) -> ResponseReturnValue:
    check_tracking_id("trackingId", tracking_id)

    def act() -> Issued:
        with transaction():
            return reissue(tracking_id, version=_version())

    return _issue(act)


def _issue(act: Callable[[], Issued], form: str | None = None) -> ResponseReturnValue:
    try:
        issued = act()
    except Refusal as refusal:
        return _refused(refusal, form)
    shown = IssuedAnswer.of(issued)
    response = make_response(_page(issued=shown, issued_for=issued.partner.partner_name or shown.tracking_id))
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _refused(refusal: Refusal, form: str | None = None) -> ResponseReturnValue:
    problems = {detail["field"]: detail["message"] for detail in refusal.details}
    error = "" if form and problems else refusal.message
    page = _page(form=form, form_error=error, form_problems=problems)
    return page, refusal.status, refusal.headers


def _read() -> NewPartner:
    """Return the form as the API's body; an empty field is absent."""
    given: dict[str, str | int | bool] = {
        name: request.form[name] for name in FIELDS if request.form.get(name)
    }
    days = str(given.get("expiresInDays", ""))
    if days.isdecimal() and len(days) <= len(str(LONGEST_DAYS)):
        given["expiresInDays"] = int(days)
    given["invite"] = request.form.get("invite") == "true"
    try:
        return NewPartner.model_validate(given)
    except ValidationError as error:
        raise InvalidRequest.of(error) from None


def _version() -> int | None:
    """Return the version of the token that the form would replace, so that a form sent again replaces no second one."""
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _asked() -> PartnerQuery:
    try:
        return PartnerQuery.model_validate(request.args.to_dict())
    except ValidationError as error:
        raise InvalidRequest.of(error) from None


def _address(asked: PartnerQuery, **changes: Any) -> str:
    kept = {"q": asked.q, "active": asked.active, "cursor": asked.cursor} | changes
    query = {name: str(value).lower() if name == "active" else value for name, value in kept.items()}
    text = urlencode({name: value for name, value in query.items() if kept[name] not in (None, "")})
    return f"{PAGE}?{text}" if text else PAGE


def _page(**shown: Any) -> str:
    asked = _asked()
    page = list_with_figures(q=asked.q, active=asked.active, cursor=asked.cursor)
    return render_template(
        "partners/partners.html",
        **{
            "partners": page.partners,
            "state": _address(asked).removeprefix(PAGE),
            "q": asked.q or "",
            "active": asked.active,
            "tabs": [
                {
                    "label": label,
                    "url": _address(asked, active=active, cursor=None),
                    "current": active is asked.active,
                }
                for active, label in SHOWN
            ],
            "is_narrowed": bool(asked.q or asked.cursor or asked.active is not None),
            "older_url": _address(asked, cursor=page.next_cursor) if page.next_cursor else None,
            "newest_url": _address(asked, cursor=None) if asked.cursor else None,
            "can_mail": settings().can_mail,
            "may_write": WRITE in who_asks().permissions,
            "languages": LANGUAGES,
            "default_days": DEFAULT_DAYS,
            "longest_days": LONGEST_DAYS,
            "issued": None,
            "issued_for": None,
            "form": None,
            "form_error": "",
            "form_problems": {},
            "typed": request.form,
        }
        | shown,
    )
