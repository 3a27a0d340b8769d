"""Reading the audit log, newest first."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, func, select, tuple_

from wihy.audit.filters import LONGEST_ACTOR as LONGEST_ACTOR
from wihy.audit.filters import Filters as Filters
from wihy.audit.models import AuditEntry, AuditPersonal
from wihy.core.database import db, end_reading
from wihy.core.paging import Cursor

BATCH = 1_000
COLUMNS = (
    AuditEntry.id,
    AuditEntry.at,
    AuditEntry.actor,
    AuditEntry.action,
    AuditEntry.thing,
    AuditEntry.request_id,
    AuditEntry.details,
    AuditEntry.place,
    AuditPersonal.content,
    AuditEntry.personal_digest,
)


class Listed(NamedTuple):
    """An entry with its personal part; `is_erased`: it had one. `place` is None until it is sealed."""

    id: UUID
    at: datetime
    actor: str
    action: str
    thing: str
    request_id: str | None
    details: dict[str, Any]
    place: int | None
    personal: dict[str, Any]
    is_erased: bool


class EntryPage(NamedTuple):
    """Some entries, and the cursor behind which the next ones begin (None: there are no more)."""

    entries: Sequence[Listed]
    next_cursor: Cursor | None


def list_entries(filters: Filters, *, limit: int, after: Cursor | None = None) -> EntryPage:
    """Return at most `limit` entries behind `after`."""
    personal = AuditPersonal.entry_id == AuditEntry.id
    found = select(*COLUMNS).outerjoin(AuditPersonal, personal).where(*filters.conditions())
    if after:
        found = found.where(tuple_(AuditEntry.at, AuditEntry.id) < tuple_(after.at, after.id))
    newest_first = found.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(limit + 1)
    rows = db.session.execute(newest_first).all()
    entries = [_listed(row) for row in rows[:limit]]
    last = entries[-1] if len(rows) > limit else None
    return EntryPage(entries, Cursor(last.at, last.id) if last else None)


def every_entry(filters: Filters, *, after: Cursor | None = None) -> Iterator[Listed]:
    """Yield all entries, read a thousand at a time; no transaction stays open while they are sent."""
    while True:
        page = list_entries(filters, limit=BATCH, after=after)
        end_reading()
        yield from page.entries
        after = page.next_cursor
        if after is None:
            return


def list_actions() -> list[str]:
    """Return every action that was ever recorded, in order: step by step along the index, for the log is long."""
    actions: list[str] = []
    following = db.session.scalar(select(func.min(AuditEntry.action)))
    while following is not None:
        actions.append(following)
        behind = select(func.min(AuditEntry.action)).where(AuditEntry.action > following)
        following = db.session.scalar(behind)
    return actions


def _listed(row: Row[Any]) -> Listed:
    *told, content, personal_digest = tuple(row)
    personal = json.loads(content) if content else {}
    return Listed._make((*told, personal, personal_digest is not None and content is None))
