"""Shared dashboards as staff manage them: `/tracking-dashboard/shares`.

The filters of the next share stand in the address, as they do on the dashboard. A new link is shown in the answer
itself, and nowhere else.
"""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from wihy.analytics.service import Selection
from wihy.core.access import allow, staff, who_asks
from wihy.core.capability_pages import private
from wihy.core.database import transaction
from wihy.core.errors import InvalidRequest
from wihy.core.paging import Cursor
from wihy.dashboard import menus
from wihy.dashboard.state import FILTERS, State, url
from wihy.dashboard.traffic import SHARES
from wihy.shares import service
from wihy.shares.queries import ListedShare, list_shares
from wihy.shares.service import DEFAULT_DAYS, LONGEST_DAYS, NewShare
from wihy.shares.urls import page_path, share_url

routes = Blueprint("dashboard_shares", __name__, url_prefix=SHARES)

readers, writers = staff("dashboards:read"), staff("shares:write")
DASHBOARD = "/tracking-dashboard"
ON_A_PAGE = 20
LONGEST_NAME = 255
MESSAGES = {
    "name": f"Use 1 to {LONGEST_NAME} printable characters",
    "expiresInDays": f"Choose 1 to {LONGEST_DAYS} days",
}


@routes.get("")
@allow(readers)
def show_shares() -> str:
    """Show all shares, and what another one of the filters in the address would be."""
    return _page()


@routes.post("")
@allow(writers)
def create_share() -> ResponseReturnValue:
    """Share the dashboard, locked to the filters in the address, and show the link, this once."""
    try:
        new = _new_share()
    except InvalidRequest as refusal:
        return _page(problems=_problems(refusal)), refusal.status
    with transaction():
        share, token = service.create_share(new, UUID(who_asks().id))
    return private(make_response(_page(issued={"share": share, "url": share_url(token)})))


@routes.post("/<uuid:share_id>/revoke")
@allow(writers)
def revoke_share(share_id: UUID) -> ResponseReturnValue:
    """End a share."""
    with transaction():
        share = service.revoke_share(share_id)
    flash(f"Revoked: the link of {share.name} opens nothing any more.")
    return redirect(url(SHARES), 303)


@routes.get("/<uuid:share_id>/revoke")
@allow(readers)
def show_shares_after_all(share_id: UUID) -> ResponseReturnValue:
    """Lead to the page whose form this is the address of."""
    return redirect(SHARES)


def _new_share() -> NewShare:
    days = request.form.get("expiresInDays", "")
    is_number = days.isascii() and days.isdecimal() and len(days) <= len(str(LONGEST_DAYS))
    given = {
        "name": request.form.get("name", ""),
        "filters": {name: value for name, value in request.args.items() if name in FILTERS},
        "expiresInDays": int(days) if is_number else days or None,
    }
    try:
        return NewShare.model_validate(given)
    except ValidationError as error:
        raise InvalidRequest.of(error) from None


def _problems(refusal: InvalidRequest) -> dict[str, str]:
    """Return what is wrong by field; of a filter, under `filters`."""
    found = {detail["field"].partition(".")[0]: detail["message"] for detail in refusal.details}
    return {field: MESSAGES.get(field, message) for field, message in found.items()}


def _page(**shown: Any) -> str:
    state = State.of_request("UTC")
    page = list_shares(limit=ON_A_PAGE, after=Cursor.from_text(state.cursor) if state.cursor else None)
    filters = menus.chips(SHARES, state)
    older = page.next_cursor
    return render_template(
        "dashboard/shares.html",
        **{
            "back_url": url(DASHBOARD),
            "action": url(SHARES),
            "filters": filters,
            "adding": menus.adding(SHARES),
            "shares": _rows(page.shares),
            "older_url": url(SHARES, cursor=older.to_text()) if older else None,
            "newest_url": url(SHARES) if state.cursor else None,
            "may_write": writers.admits(who_asks()),
            "typed": request.form,
            "suggested_name": ", ".join(filter_["value"] for filter_ in filters)[:LONGEST_NAME],
            "default_days": DEFAULT_DAYS,
            "longest_days": LONGEST_DAYS,
            "problems": {},
            "issued": None,
        }
        | shown,
    )


def _rows(shares: list[ListedShare]) -> list[dict[str, Any]]:
    selections: list[Selection] = [listed.share.selection for listed in shares]
    return [
        {
            "share": listed.share,
            "made_by": listed.made_by,
            "page_url": page_path(listed.share.id),
            "filters": filters,
            "revoke_url": url(f"{SHARES}/{listed.share.id}/revoke"),
        }
        for listed, filters in zip(shares, menus.in_words(selections), strict=True)
    ]
