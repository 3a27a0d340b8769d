"""A customer's points as pages show them: to themselves on `/me`, to staff on `/customers/<id>`."""

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from flask import request
from pydantic import ValidationError

from wihy.core.errors import InvalidRequest
from wihy.core.paging import find_cursor
from wihy.core.texts import Money, written
from wihy.points.models import REVERSAL, PointsEntry
from wihy.points.queries import ListedEntry, balance_of, find_listed, list_entries
from wihy.points.service import NewReversal
from wihy.web.formats import MINUS, PAGE_LANGUAGE, UNKNOWN, counted, exact

WORDS: Mapping[str, str] = {
    "interaction": "Activity",
    "high_engagement": "A very active month",
    "support_interaction": "Support request",
    "support_ticket_created": "Support ticket",
    "ticket_closure": "Ticket closed",
    REVERSAL: "Taken back",
}


class Row(NamedTuple):
    """An entry and its words."""

    entry: PointsEntry
    what: str
    points: str
    credit: str
    is_reversed: bool

    @property
    def can_be_reversed(self) -> bool:
        """Whether it brought something that is still there."""
        return self.entry.is_reversible and not self.is_reversed


class Shown(NamedTuple):
    """A balance in words, some of its entries, and where the others are."""

    points: str
    credit: str
    rows: list[Row]
    older_url: str | None
    newest_url: str | None


def shown_points(customer_id: int, path: str, *, limit: int) -> Shown:
    """Return what the section of the page at `path` shows: the newest entries, or where the address says to begin."""
    after = find_cursor(request.args.get("points", ""))
    balance = balance_of(customer_id)
    page = list_entries(customer_id, limit=limit, after=after)
    older = page.next_cursor
    return Shown(
        counted(balance.points, "point"),
        _money(balance.credit_cents),
        [_row(listed) for listed in page.entries],
        f"{path}?points={older.to_text()}#points" if older else None,
        f"{path}#points" if after else None,
    )


def find_row(customer_id: int, entry_id: str | None) -> Row | None:
    """Return the entry of the customer's that an address or a form names, if it can be reversed."""
    try:
        listed = find_listed(customer_id, UUID(entry_id or ""))
    except ValueError:
        return None
    row = _row(listed) if listed else None
    return row if row and row.can_be_reversed else None


def read_reversal() -> NewReversal:
    """Return what the form asks for; raises `InvalidRequest`."""
    form = {name: request.form.get(name, "") for name in ("entryId", "reason")}
    try:
        return NewReversal.model_validate(form)
    except ValidationError as error:
        raise InvalidRequest.of(error) from None


def _row(listed: ListedEntry) -> Row:
    entry = listed.entry
    return Row(
        entry,
        WORDS.get(entry.action, entry.action.replace("_", " ").capitalize()),
        _signed(entry.points, exact(abs(entry.points))),
        _signed(entry.credit_cents, _money(abs(entry.credit_cents))),
        listed.is_reversed,
    )


def _signed(value: int, text: str) -> str:
    return f"{MINUS if value < 0 else '+'}{text}" if value else UNKNOWN


def _money(cents: int) -> str:
    return written(Money(cents), PAGE_LANGUAGE)
