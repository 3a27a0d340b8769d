"""The audit log: `/api/audit`, for admins."""

import json
from collections.abc import Iterator
from typing import Any

from flask import Blueprint

from wihy.audit.queries import every_entry, list_entries
from wihy.audit.schemas import AuditAnswer, AuditList, EntryJson
from wihy.core.access import allow, staff
from wihy.core.openapi import Answer, answers, spec
from wihy.core.paging import Cursor
from wihy.core.streaming import csv_download

routes = Blueprint("audit_api", __name__)
TAGS = ["Audit"]
COLUMNS = [field.alias or name for name, field in EntryJson.model_fields.items()]


@routes.get("")
@allow(staff("audit:read"))
@spec.validate(resp=answers(AuditAnswer), tags=TAGS)
def list_audit_log(query: AuditList) -> Answer:
    """Tell who did what, newest first

    Every change is written down with the change itself, and sealed each minute. `format=csv` streams all entries
    instead of a page, with the same fields (objects as JSON; a cell that a spreadsheet would run begins with `'`).
    """
    after = Cursor.from_text(query.cursor) if query.cursor else None
    if query.format == "csv":
        return csv_download("audit.csv", COLUMNS, _rows(query, after))
    page = list_entries(query, limit=query.limit, after=after)
    return AuditAnswer(
        entries=[EntryJson.model_validate(entry) for entry in page.entries],
        next_cursor=page.next_cursor.to_text() if page.next_cursor else None,
    )


def _rows(query: AuditList, after: Cursor | None) -> Iterator[list[Any]]:
    for entry in every_entry(query, after=after):
        yield [_cell(value) for value in EntryJson.model_validate(entry).model_dump(mode="json").values()]


def _cell(value: Any) -> Any:
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True) if value else ""
    return str(value).lower() if isinstance(value, bool) else value
