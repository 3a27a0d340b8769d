"""API keys: `wihy_` and 256 random bits, shown once; only a digest is kept."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import and_, or_, select, update
from sqlalchemy.exc import IntegrityError

from wihy.accounts.models import ApiKey
from wihy.audit.service import record
from wihy.core import clock
from wihy.core.access import Kind
from wihy.core.database import db
from wihy.core.errors import Conflict, NotFound
from wihy.core.ids import new_id

PREFIX = "wihy_"
USED_EVERY = timedelta(minutes=1)


class MadeAlready(Conflict):
    """A form was sent twice."""

    message = "This key was made already, and shown then"


def create_key(
    name: str, scopes: Sequence[str], created_by: UUID | None = None, key_id: UUID | None = None
) -> tuple[ApiKey, str]:
    """Store a new key; returns it and its text, which nobody can show again.

    `key_id` is chosen by a form, so that the form sent again makes no second key. Raises `MadeAlready`.
    """
    text = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey(
        id=key_id or new_id(),
        name=name,
        scopes=sorted(set(scopes)),
        digest=_digest(text),
        created_at=clock.now(),
        created_by=created_by,
    )
    db.session.add(key)
    try:
        db.session.flush()
    except IntegrityError:  # of 256 random bits and an id, only the id can be there already
        raise MadeAlready from None
    record("KEY_CREATED", f"{Kind.API_KEY}:{key.id}", details={"name": name, "scopes": key.scopes})
    return key, text


def list_keys() -> Sequence[ApiKey]:
    """Return all keys, revoked ones too, the newest first."""
    return db.session.scalars(select(ApiKey).order_by(ApiKey.created_at.desc(), ApiKey.id.desc())).all()


def find_key(text: str) -> ApiKey | None:
    """Return the key whose text this is, unless it is revoked."""
    found = select(ApiKey).where(ApiKey.digest == _digest(text), ApiKey.revoked_at.is_(None))
    return db.session.scalar(found.execution_options(populate_existing=True))


def revoke_key(key_id: UUID) -> ApiKey:
    """End the key; one that is revoked already stays as it is. Raises `NotFound`."""
    key = db.session.scalar(select(ApiKey).where(ApiKey.id == key_id).with_for_update())
    if key is None:
        raise NotFound
    if key.revoked_at is None:
        key.revoked_at = clock.now()
        record("KEY_REVOKED", f"{Kind.API_KEY}:{key.id}", details={"name": key.name})
    db.session.flush()
    return key


def is_due(key: ApiKey) -> bool:
    """Whether it is time to write down again that `key` is in use."""
    return key.last_used_at is None or clock.now() - key.last_used_at >= USED_EVERY


def note_use(key_id: UUID) -> None:
    """Write down that the key is in use now."""
    long_ago = or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at <= clock.now() - USED_EVERY)
    due = and_(ApiKey.id == key_id, long_ago)
    db.session.execute(update(ApiKey).where(due).values(last_used_at=clock.now()))


def _digest(text: str) -> str:
    return sha256(text.encode(errors="replace")).hexdigest()
