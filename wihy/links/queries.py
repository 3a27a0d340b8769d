"""Reading saved links."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, or_, select, tuple_, union

from wihy.core.database import db
from wihy.core.paging import Cursor
from wihy.links.models import SavedLink


class LinkPage(NamedTuple):
    """Some saved links, and where the next ones begin."""

    links: Sequence[SavedLink]
    next_cursor: Cursor | None


def find_link(slug: str) -> SavedLink | None:
    """Return the saved link with this slug, as it is in the database now."""
    found = select(SavedLink).where(SavedLink.slug == slug)
    return db.session.scalar(found.execution_options(populate_existing=True))


def find_links(slugs: Collection[str]) -> dict[str, SavedLink]:
    """Return those of `slugs` that are saved links', with their links."""
    found = db.session.scalars(select(SavedLink).where(SavedLink.slug.in_(slugs)))
    return {link.slug: link for link in found}


def newest_slugs(limit: int) -> Sequence[str]:
    """Return the slugs of at most `limit` saved links, newest first, archived ones too."""
    newest = select(SavedLink.slug).order_by(SavedLink.created_at.desc(), SavedLink.id.desc())
    return db.session.scalars(newest.limit(limit)).all()


def list_links(
    *, limit: int, after: Cursor | None = None, archived: bool | None = None, text: str = ""
) -> LinkPage:
    """Return saved links, the newest first; `archived` None: of both kinds, `text`: what one of their texts holds."""
    statement = select(SavedLink).where(*_conditions(archived, text))
    order = (SavedLink.created_at, SavedLink.id)
    if after is not None:
        statement = statement.where(tuple_(*order) < tuple_(after.at, after.id))
    statement = statement.order_by(*(column.desc() for column in order)).limit(limit + 1)
    found = db.session.scalars(statement).all()
    links = found[:limit]
    return LinkPage(links, Cursor(links[-1].created_at, links[-1].id) if len(found) > limit else None)


def count_links(*, archived: bool) -> int:
    """Return how many saved links are archived, or are not."""
    counted = select(func.count()).select_from(SavedLink).where(*_conditions(archived, ""))
    return db.session.scalar(counted) or 0


def ids_of_links(ids: Collection[str]) -> set[str]:
    """Return those of `ids` that a saved link names as who refers, or as its source."""
    columns = (SavedLink.referrer, SavedLink.source)
    named = union(*(select(column).where(column.in_(ids)) for column in columns))
    return {id_ for (id_,) in db.session.execute(named) if id_}


def _conditions(archived: bool | None, text: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if archived is not None:
        found.append(SavedLink.archived_at.is_not(None) if archived else SavedLink.archived_at.is_(None))
    if text:
        columns = (SavedLink.slug, SavedLink.referrer, SavedLink.campaign, SavedLink.source, SavedLink.target)
        found.append(or_(*(column.icontains(text, autoescape=True) for column in columns)))
    return found
