"""The links page: the generator, and saved links below it. Forms come back with a message, or with what is wrong."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from wihy.core.access import allow, staff, who_asks
from wihy.core.database import transaction
from wihy.core.errors import InvalidRequest, Refusal
from wihy.core.qr import MIMETYPES, Kind, qr_picture
from wihy.dashboard.generator import MESSAGES, generator, result_of, typed_link
from wihy.dashboard.saved_links import (
    ARCHIVED_TAB,
    PAGE,
    SAVED,
    link_changes,
    link_page,
    new_link,
    saved_links,
)
from wihy.links import service
from wihy.links.urls import short_url

routes = Blueprint("dashboard_links", __name__)

readers, writers = staff("links:read"), staff("links:write")


@routes.get(PAGE)
@allow(readers)
def show_generator() -> str:
    """Show the link generator, and saved links."""
    return _page()


@routes.get(f"{PAGE}/qr.<any(svg, png):kind>")
@allow(readers)
def show_qr(kind: Kind) -> Response:
    """Draw the tracking link of what the address says as a QR code."""
    try:
        picture = qr_picture(result_of(typed_link()), kind)
    except ValidationError as error:
        raise InvalidRequest.of(error) from None
    except ValueError as error:
        raise InvalidRequest.at("target", str(error)) from None
    return Response(picture, mimetype=MIMETYPES[kind])


@routes.post(f"{PAGE}/links")
@allow(writers)
def save_link() -> ResponseReturnValue:
    """Save what the generator made as a short link."""
    try:
        new = new_link()
        with transaction():
            link = service.create_link(new, UUID(who_asks().id))
    except Refusal as refusal:
        return _page(save_errors=_errors(refusal)), refusal.status
    flash(f"Saved {short_url(link.slug)}.")
    return redirect(f"{PAGE}{SAVED}", 303)


@routes.get(f"{PAGE}/links")
@allow(readers)
def show_saved() -> ResponseReturnValue:
    """Lead to the saved links, whose address this looks like."""
    return redirect(f"{PAGE}{SAVED}")


@routes.get(f"{PAGE}/slugs")
@allow(writers)
def judge_slug() -> Response:
    """Tell what speaks against a link being saved as `slug`: asked while it is typed."""
    return jsonify(problem=service.problem_of_slug(request.args.get("slug", "")))


@routes.get(f"{PAGE}/links/<slug>")
@allow(readers)
def show_link(slug: str) -> str:
    """Show one saved link, to be changed by who may."""
    return _link_page(slug)


@routes.post(f"{PAGE}/links/<slug>")
@allow(writers)
def change_link(slug: str) -> ResponseReturnValue:
    """Change a saved link."""

    def act() -> str:
        changes = link_changes()
        with transaction():
            service.change_link(slug, changes.given())
        return "Changed. The short link follows at once."

    return _do(slug, act)


@routes.post(f"{PAGE}/links/<slug>/<any(archive, restore):act>")
@allow(writers)
def archive_link(slug: str, act: str) -> ResponseReturnValue:
    """Archive a saved link, or let it lead again."""
    archived = act == "archive"
    with transaction():
        service.change_link(slug, {"archived": archived})
    flash(f"Archived {slug}: it leads nowhere now." if archived else f"{slug} leads again.")
    return redirect(f"{PAGE}{SAVED}" if archived else f"{PAGE}{ARCHIVED_TAB}{SAVED}", 303)


@routes.get(f"{PAGE}/links/<slug>/<any(archive, restore):_act>")
@allow(readers)
def show_link_after_all(slug: str, _act: str) -> ResponseReturnValue:
    """Lead to the link whose form this is the address of."""
    return redirect(f"{PAGE}/links/{slug}")


def _do(slug: str, act: Callable[[], str]) -> ResponseReturnValue:
    try:
        flash(act())
    except InvalidRequest as refusal:
        return _link_page(slug, errors=_errors(refusal)), refusal.status
    return redirect(f"{PAGE}/links/{slug}", 303)


def _errors(refusal: Refusal) -> dict[str, str]:
    """Return what is wrong by field, in the words of the generator where it has some."""
    return {
        detail["field"]: MESSAGES.get(detail["field"], detail["message"]) for detail in refusal.details
    } or {"": refusal.message}


def _may_write() -> bool:
    return writers.admits(who_asks())


def _page(save_errors: dict[str, str] | None = None) -> str:
    return render_template(
        "dashboard/links.html",
        **generator(PAGE),
        **saved_links(),
        save_errors=save_errors or {},
        may_write=_may_write(),
    )


def _link_page(slug: str, errors: dict[str, str] | None = None) -> str:
    shown: dict[str, Any] = link_page(slug)
    return render_template("dashboard/link.html", **shown, errors=errors or {}, may_write=_may_write())
