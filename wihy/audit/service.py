"""Writing the audit log, and forgetting what in it is about a person."""

import json
import re
import secrets
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, cast

from flask import has_request_context
from pydantic.alias_generators import to_camel
from sqlalchemy import Table, delete, or_, select

from wihy.audit.digests import personal_digest
from wihy.audit.models import AuditEntry, AuditPersonal
from wihy.core import clock
from wihy.core.access import who_asks
from wihy.core.database import db
from wihy.core.ids import new_id
from wihy.core.request_id import current_request_id

SYSTEM = "system"  # jobs, commands, and what happens by itself
STRANGER = "stranger"
ACTION = re.compile(r"[A-Z]+(_[A-Z]+)*")
SALT_BYTES = 16
ENTRIES, PERSONAL_PARTS = cast(Table, AuditEntry.__table__), cast(Table, AuditPersonal.__table__)


def record(
    action: str,
    thing: str,
    *,
    actor: str | None = None,
    details: Mapping[str, Any] | None = None,
    personal: Mapping[str, Any] | None = None,
) -> None:
    """Write down, in the open transaction, that `actor` did `action` ("LINK_CREATED") on `thing` ("link:spring").

    `actor` is by default who sends the request, `system` outside of one. `details` say more, never who somebody is:
    names, addresses and words of people belong into `personal`, which an erasure takes away. Both take what JSON holds,
    and moments, ids and sets; their keys are written as answers write them (`expiresAt`). Nobody may sign in with
    anything that stands here: no passwords, tokens or keys.
    """
    if not ACTION.fullmatch(action):
        raise ValueError(f"{action!r} is no action: write it LIKE_THIS")
    id_ = new_id()
    salt, content = secrets.token_hex(SALT_BYTES), _as_json(personal or {})
    entry = {
        "id": id_,
        "at": clock.now(),
        "actor": actor or _who_acts(),
        "action": action,
        "thing": thing,
        "request_id": current_request_id(),
        "details": json.loads(_as_json(details or {})),
        "personal_digest": personal_digest(salt, content) if personal else None,
    }
    db.session.execute(ENTRIES.insert(), entry)  # not by the ORM: it takes twice as long
    if personal:
        db.session.execute(PERSONAL_PARTS.insert(), {"entry_id": id_, "salt": salt, "content": content})


def forget_personal(who: str) -> None:
    """Erase what the log holds about a person (`customer:7`), as actor and as thing; that they acted stays."""
    entries = select(AuditEntry.id).where(or_(AuditEntry.actor == who, AuditEntry.thing == who))
    db.session.execute(delete(AuditPersonal).where(AuditPersonal.entry_id.in_(entries)))


def _who_acts() -> str:
    if not has_request_context():
        return SYSTEM
    principal = who_asks()
    return principal.get_id() if principal.is_authenticated else STRANGER


def _as_json(given: Mapping[str, Any]) -> str:
    named = {to_camel(name): value for name, value in given.items()}
    return json.dumps(named, default=_plain, ensure_ascii=False, sort_keys=True)


def _plain(value: Any) -> Any:
    """Return what JSON has for `value`."""
    if isinstance(value, datetime):
        return clock.to_text(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    return value.isoformat() if isinstance(value, date) else str(value)
