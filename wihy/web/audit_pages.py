"""Who did what, as admins look it up: `/audit`."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from wihy.accounts.queries import find_principal, names_of
from wihy.audit.queries import LONGEST_ACTOR, EntryPage, Filters, Listed, list_actions, list_entries
from wihy.core.access import Kind, allow, staff
from wihy.core.errors import InvalidRequest
from wihy.core.paging import Cursor
from wihy.core.viewer import viewer_zone
from wihy.web import formats

routes = Blueprint("web_audit", __name__, url_prefix="/audit")

PAGE = "/audit"
API = "/api/audit"
FIELDS = ("who", "action", "thing", "from", "to")
MOST_SHOWN = 50
WORDS = {"stranger": "Not signed in"}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)


@routes.get("")
@allow(staff("audit:read"))
def show_audit_log() -> ResponseReturnValue:
    """Show what was done, or that part which is looked for."""
    typed = {name: request.args.get(name, "").strip() for name in FIELDS}
    try:
        filters = _filters(typed)
    except ValidationError as error:
        problems = {d["field"]: d["message"] for d in InvalidRequest.of(error).details}
        problems["who"] = problems.get("actor", "")
        return _page(typed, EntryPage([], None), problems=problems), 400
    cursor = request.args.get("cursor")
    page = list_entries(filters, limit=MOST_SHOWN, after=Cursor.from_text(cursor) if cursor else None)
    asked = filters.model_dump(mode="json", by_alias=True, exclude_none=True)
    return _page(typed, page, csv_url=f"{API}?{urlencode(asked | {'format': 'csv'})}")


def _filters(typed: Mapping[str, str]) -> Filters:
    """Return the conditions; people are looked for by their e-mail, or by what the log calls them."""
    who = typed["who"]
    is_email = "@" in who and who.isprintable()
    actor = (find_principal(who.lower()) if is_email else None) or who[:LONGEST_ACTOR]
    return Filters.model_validate({**typed, "actor": actor, "tz": viewer_zone()})


def _page(typed: Mapping[str, str], page: EntryPage, **shown: Any) -> str:
    names = names_of({each for entry in page.entries for each in (entry.actor, entry.thing)})
    older = page.next_cursor
    return render_template(
        "web/audit.html",
        **{
            "rows": [_row(entry, names) for entry in page.entries],
            "typed": typed,
            "actions": {"": "Anything"} | {action: _words(action) for action in list_actions()},
            "is_narrowed": any(typed.values()) or "cursor" in request.args,
            "older_url": _address(typed, cursor=older.to_text()) if older else None,
            "newest_url": _address(typed) if "cursor" in request.args else None,
            "problems": {},
            "csv_url": None,
        }
        | shown,
    )


def _row(entry: Listed, names: Mapping[str, str]) -> dict[str, Any]:
    name = names.get(entry.actor)
    return {
        "at": entry.at,
        "who": _called(entry.actor, name),
        "who_url": _address({"who": name if name and "@" in name else entry.actor}),
        "what": _words(entry.action),
        "what_url": _address({"action": entry.action}),
        "thing": _called(entry.thing, names.get(entry.thing)),
        "thing_url": _address({"thing": entry.thing}),
        "details": [
            (_label(key), _shown(value))
            for key, value in sorted((entry.details | entry.personal).items())
            if value not in (None, "", [], {})
        ],
        "is_erased": entry.is_erased,
        "request_id": entry.request_id,
    }


def _called(thing: str, name: str | None) -> tuple[str, str]:
    """Return of which kind `thing` is, and what it is called; of who has only a kind that one."""
    kind, _, rest = thing.partition(":")
    if kind == Kind.STAFF and name:
        return "", name
    return (_words(kind), name or rest) if rest else ("", WORDS.get(kind, _words(kind)))


def _words(action: str) -> str:
    return action.replace("_", " ").replace("-", " ").capitalize().replace("Api", "API")


def _label(key: str) -> str:
    """`expiresAt` → `expires at`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r" \1", key).lower()


def _shown(value: Any) -> str:
    """Return what stands in an entry as it reads in a line."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{_label(key)} {_shown(one)}" for key, one in sorted(value.items()))
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    if isinstance(value, str) and MOMENT.fullmatch(value):
        return formats.moment(datetime.fromisoformat(value))
    return str(value)


def _address(typed: Mapping[str, str], **more: str) -> str:
    text = urlencode({name: value for name, value in {**typed, **more}.items() if value})
    return f"{PAGE}?{text}" if text else PAGE
