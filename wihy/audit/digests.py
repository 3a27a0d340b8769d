"""The digests (SHA-256, in hexadecimal) that entries and seals are known by."""

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from wihy.audit.models import AuditEntry, AuditSeal

BEFORE_ALL = "0" * 64  # what the first seal has in the place of the one before


def personal_digest(salt: str, content: str) -> str:
    """Return what an entry knows of its personal part; the salt keeps others from guessing it."""
    return _digest([salt, content])


def entry_digest(entry: AuditEntry, place: int | None) -> str:
    """Return the digest of `entry` at that place of the log, as it is in the database."""
    return _digest(
        [
            place,
            entry.id.hex,
            entry.at.isoformat(),
            entry.actor,
            entry.action,
            entry.thing,
            entry.request_id,
            entry.details,
            entry.personal_digest,
        ]
    )


def seal_digest(seal: AuditSeal, before: str, entries: Iterable[str | None]) -> str:
    """Return the digest of `seal` over the digest of the seal `before`, and those of its `entries` in their order."""
    head = [seal.number, seal.sealed_at.isoformat(), seal.first_place, seal.last_place]
    return _digest([before, *head, *entries])


def _digest(content: Any) -> str:
    return sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
