"""Sealing: entries get their place in the log, and a digest that leaves nobody a way to change them unseen.

The order of places is that of sealing. Entries of transactions that are committed late have older ids than others that
are sealed already: they come into the next seal. What counts is not when they were written, but that they have no seal.
"""

import logging
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update

from wihy.audit.digests import BEFORE_ALL, entry_digest, seal_digest
from wihy.audit.models import AuditEntry, AuditSeal
from wihy.core import clock
from wihy.core.database import db, transaction, wait_for_turn
from wihy.core.jobs import is_stopping

BATCH = 1_000  # entries in a seal; fewer would make `audit verify` doubt the seals there are

logger = logging.getLogger(__name__)


def seal() -> None:
    """Seal all entries that are committed, at most a thousand by each seal, each in a transaction of its own."""
    while _seal_some() == BATCH and not is_stopping():
        pass


def _seal_some() -> int:
    """Seal some entries that have no seal yet; returns how many. One worker at a time does."""
    with transaction():
        wait_for_turn("sealing the audit log")
        unsealed = select(AuditEntry).where(AuditEntry.place.is_(None)).order_by(AuditEntry.id).limit(BATCH)
        entries = db.session.scalars(unsealed.execution_options(populate_existing=True)).all()
        if entries:
            _add_seal(entries)
    return len(entries)


def _add_seal(entries: Sequence[AuditEntry]) -> None:
    last = db.session.scalar(select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1))
    first_place = last.last_place + 1 if last else 1
    rows: list[dict[str, Any]] = [
        {"id": entry.id, "place": place, "digest": entry_digest(entry, place)}
        for place, entry in enumerate(entries, first_place)
    ]
    seal = AuditSeal(
        number=last.number + 1 if last else 1,
        sealed_at=clock.now(),
        first_place=first_place,
        last_place=rows[-1]["place"],
    )
    seal.digest = seal_digest(seal, last.digest if last else BEFORE_ALL, [row["digest"] for row in rows])
    db.session.execute(update(AuditEntry), rows)
    db.session.add(seal)
    db.session.flush()
    # outside of the database, where who changes it does not reach: `audit verify --noted` compares
    logger.info("audit log sealed to place %d: %d:%s", seal.last_place, seal.number, seal.digest)
