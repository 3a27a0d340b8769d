"""The dictionary of text sets: events that count alike name the same row."""

import hashlib
from collections.abc import Collection, Mapping
from typing import NamedTuple

from flask import current_app
from sqlalchemy import select

from wihy.core.database import after_commit, db, insert_new
from wihy.tracking.models import Combination

REMEMBERED = 50_000


class CombinationTexts(NamedTuple):
    """The texts of an event in the form figures show."""

    referrer: str
    original_source: str
    campaign: str
    landing_page: str
    destination: str | None
    event_type: str
    link_slug: str | None

    def digest(self) -> bytes:
        """Return 16 bytes that stand for the texts: an index could not hold texts this long."""
        joined = "\0".join("\1" if text is None else text for text in self)
        return hashlib.blake2b(joined.encode(), digest_size=16).digest()


def combination_ids(texts: Collection[CombinationTexts]) -> dict[CombinationTexts, int]:
    """Return the id of each of `texts`, new ones stored (flushed); committed ones are remembered in memory."""
    known: dict[CombinationTexts, int] = current_app.extensions.setdefault("combination_ids", {})
    missing = {each.digest(): each for each in texts if each not in known}
    if not missing:
        return {each: known[each] for each in texts}
    found = _find(missing)
    absent = sorted(missing.keys() - found.keys())  # the same order everywhere, or writers block each other
    if absent:
        insert_new(
            Combination,
            [{"digest": digest, **missing[digest]._asdict()} for digest in absent],
        )
        found |= _find({digest: missing[digest] for digest in absent})
    learned = {missing[digest]: row_id for digest, row_id in found.items()}
    after_commit(lambda: _remember(known, learned))
    return {each: learned[each] if each in learned else known[each] for each in texts}


def _find(wanted: Mapping[bytes, object]) -> dict[bytes, int]:
    rows = db.session.execute(
        select(Combination.digest, Combination.id).where(Combination.digest.in_(list(wanted)))
    )
    return {bytes(digest): row_id for digest, row_id in rows}


def _remember(known: dict[CombinationTexts, int], learned: Mapping[CombinationTexts, int]) -> None:
    if len(known) > REMEMBERED:
        known.clear()
    known.update(learned)
