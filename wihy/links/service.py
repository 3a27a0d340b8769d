"""What can be done with saved links."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from wihy.audit.service import record
from wihy.core.clock import now
from wihy.core.database import after_commit, db, insert_new
from wihy.core.errors import Conflict, NotFound
from wihy.core.ids import new_id
from wihy.core.settings import settings
from wihy.links.models import SavedLink
from wihy.links.queries import find_link
from wihy.links.schemas import LinkChanges, NewLink
from wihy.links.slugs import check_own_slug, is_slug, random_slug
from wihy.links.targets import forget

__all__ = ["LinkChanges", "NewLink", "SlugTaken", "change_link", "create_link", "get_link", "problem_of_slug"]

TRIES = 5


class SlugTaken(Conflict):
    """Another link has this slug, be it archived."""

    code, message = "SLUG_TAKEN", "This short link is taken, try another"

    def __init__(self) -> None:
        super().__init__(details=[{"field": "slug", "message": "is taken, try another"}])


def create_link(new: NewLink, created_by: UUID | None = None) -> SavedLink:
    """Save a link (flushed) under the slug chosen for it, or one by chance; raises `SlugTaken`."""
    row = {
        "target": new.target or settings().default_destination,
        "referrer": new.referrer,
        "campaign": new.campaign,
        "source": new.source,
        "expires_at": new.expires_at,
        "created_at": now(),
        "created_by": created_by,
    }
    for slug in [new.slug] if new.slug else [random_slug() for _ in range(TRIES)]:
        if insert_new(SavedLink, [{"id": new_id(), "slug": slug, **row}], SavedLink.id):
            told = {name: value for name, value in row.items() if name not in ("created_at", "created_by")}
            record("LINK_CREATED", f"link:{slug}", details=told)
            return get_link(slug)
    raise SlugTaken


def get_link(slug: str) -> SavedLink:
    """Return the saved link with this slug; raises `NotFound`."""
    link = find_link(slug) if is_slug(slug) else None
    if link is None:
        raise NotFound
    return link


def problem_of_slug(slug: str) -> str | None:
    """Return in a word or two why nobody can save a link as `slug`, None where it is free."""
    try:
        check_own_slug(slug)
    except ValueError:
        return "not allowed"
    return "taken" if find_link(slug) else None


def change_link(slug: str, changes: Mapping[str, Any]) -> SavedLink:
    """Set columns of a link (flushed), and `archived`; raises `NotFound`.

    Clicks that were counted stay with whom they were counted for. All processes follow with the commit.
    """
    link = get_link(slug)
    changed = {name: value for name, value in changes.items() if _is_change(link, name, value)}
    for name, value in changed.items():
        if name == "archived":
            link.archived_at = now() if value else None
            record("LINK_ARCHIVED" if value else "LINK_RESTORED", f"link:{slug}")
        else:
            setattr(link, name, value)
    details = {name: value for name, value in changed.items() if name != "archived"}
    if details:
        record("LINK_CHANGED", f"link:{slug}", details=details)
    db.session.flush()
    after_commit(lambda: forget(slug))
    return link


def _is_change(link: SavedLink, name: str, value: Any) -> bool:
    before = link.archived_at is not None if name == "archived" else getattr(link, name)
    return bool(before != value)
