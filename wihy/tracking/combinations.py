"""The dictionary of text sets: events that count alike name the same row.

Invented texts could make it grow without end and figures slow to read, so at most so many new rows a day are kept;
beyond that what is new is counted as `(other)`. The events themselves keep the full text.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import NamedTuple

from flask import Flask, current_app
from sqlalchemy import func, or_, select

from wihy.core.clock import now
from wihy.core.database import after_commit, db, insert_new, wait_for_turn
from wihy.core.settings import settings
from wihy.tracking.models import Combination

REMEMBERED = 50_000
RECALLED_AT_START = 10_000
OTHER = "(other)"


OwnedIds = Callable[[Collection[str]], set[str]]


def register(app: Flask, *owned_ids: OwnedIds) -> None:
    """Let `app` keep the ids that belong to somebody, which rooms above this one know, beyond the limit."""
    app.extensions["owned_ids"] = owned_ids


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


Known = tuple[int, CombinationTexts]


def recall_combinations(wanted: Collection[CombinationTexts]) -> dict[CombinationTexts, Known] | None:
    """Return for each of `wanted` what `combinations_of` does, as remembered in memory; `None` if one is not."""
    memory = _memory()
    try:
        return {texts: memory[texts] for texts in wanted}
    except KeyError:
        return None


def combinations_of(wanted: Collection[CombinationTexts]) -> dict[CombinationTexts, Known]:
    """Return for each of `wanted` the id and the texts it is counted under, new ones stored (flushed).

    What is committed is remembered in memory.
    """
    memory = _memory()
    known = {texts: memory[texts] for texts in wanted if texts in memory}
    missing = [texts for texts in wanted if texts not in known]
    if missing:
        learned = (_newest() if not memory else {}) | _look_up(missing)
        after_commit(lambda: _remember(memory, learned))
        known |= {texts: learned[texts] for texts in missing}
    return known


def _memory() -> dict[CombinationTexts, Known]:
    found: dict[CombinationTexts, Known] = current_app.extensions.setdefault("combinations", {})
    return found


def _newest() -> dict[CombinationTexts, Known]:
    """Return the youngest rows: a process that starts would otherwise learn each by a question of its own."""
    columns = [getattr(Combination, name) for name in CombinationTexts._fields]
    rows = db.session.execute(
        select(Combination.id, *columns).order_by(Combination.id.desc()).limit(RECALLED_AT_START)
    )
    return {texts: (row_id, texts) for row_id, *rest in rows for texts in [CombinationTexts(*rest)]}


def _look_up(missing: Collection[CombinationTexts]) -> dict[CombinationTexts, Known]:
    found = _ids_of(missing)
    new = [texts for texts in missing if texts not in found]
    if not new:
        return {texts: (found[texts], texts) for texts in missing}
    wait_for_turn("combinations")  # one writer of new ones at a time, or the limit would not hold
    counted_as = _within_limit(new, now().date())
    rows = {texts.digest(): texts for texts in counted_as.values()}
    values = [
        {"digest": digest, "first_seen_on": now().date(), **rows[digest]._asdict()} for digest in sorted(rows)
    ]
    insert_new(Combination, values)
    found |= _ids_of(rows.values())
    return {texts: (found[counted_as.get(texts, texts)], counted_as.get(texts, texts)) for texts in missing}


def _ids_of(wanted: Collection[CombinationTexts]) -> dict[CombinationTexts, int]:
    digests = {texts.digest(): texts for texts in wanted}
    rows = db.session.execute(
        select(Combination.digest, Combination.id).where(Combination.digest.in_(list(digests)))
    )
    return {digests[bytes(digest)]: row_id for digest, row_id in rows}


def _within_limit(new: Collection[CombinationTexts], today: date) -> dict[CombinationTexts, CombinationTexts]:
    """Return what each of `new` is counted as: itself while the day's limit lasts, then with `(other)` in it."""
    counted = select(func.count()).select_from(Combination).where(Combination.first_seen_on == today)
    room = settings().max_combinations_per_day - (db.session.scalar(counted) or 0)
    ordered = list(new)
    kept, beyond = ordered[: max(0, room)], ordered[max(0, room) :]
    known = _known_ids({id_ for texts in beyond for id_ in (texts.referrer, texts.original_source)}, today)
    return {texts: texts for texts in kept} | {texts: _as_other(texts, known) for texts in beyond}


def _as_other(texts: CombinationTexts, known: Collection[str]) -> CombinationTexts:
    return texts._replace(
        referrer=texts.referrer if texts.referrer in known else OTHER,
        original_source=texts.original_source if texts.original_source in known else OTHER,
        campaign=OTHER,
        landing_page=OTHER,
        destination=None if texts.destination is None else OTHER,
    )


def _known_ids(ids: Collection[str], today: date) -> set[str]:
    """Return those of `ids` that were seen before `today`, or belong to somebody."""
    if not ids:
        return set()
    columns = (Combination.referrer, Combination.original_source)
    seen = select(*columns).where(
        or_(*(column.in_(ids) for column in columns)), Combination.first_seen_on < today
    )
    pairs = db.session.execute(seen.distinct())
    return {id_ for pair in pairs for id_ in pair if id_ in ids} | _owned(ids)


def _owned(ids: Collection[str]) -> set[str]:
    rooms: tuple[OwnedIds, ...] = current_app.extensions["owned_ids"]
    return set().union(*(owned_ids(ids) for owned_ids in rooms))


def _remember(memory: dict[CombinationTexts, Known], learned: Mapping[CombinationTexts, Known]) -> None:
    if len(memory) > REMEMBERED:
        memory.clear()
    memory.update(learned)
