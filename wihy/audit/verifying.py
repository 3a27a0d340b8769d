"""Verifying: every entry and every seal is computed again, and what differs is named."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, or_, select

from wihy.audit.digests import BEFORE_ALL, entry_digest, personal_digest, seal_digest
from wihy.audit.models import AuditEntry, AuditPersonal, AuditSeal
from wihy.audit.sealing import BATCH
from wihy.core.clock import to_text
from wihy.core.database import db, end_reading

SEALS_AT_ONCE = 200
MOST_SUSPECTS = 1_000
MOST_SHOWN = 100


@dataclass
class Verdict:
    """What was found: sentences, none where all is as it was written. `waiting` entries have no seal yet."""

    problems: list[str] = field(default_factory=list)
    seals: int = 0
    entries: int = 0
    waiting: int = 0
    last: AuditSeal | None = None


@dataclass
class _Log:
    """What is known of the log up to the seal that is looked at."""

    verdict: Verdict
    number: int = 0
    place: int = 0
    digest: str | None = BEFORE_ALL  # None: the seal before is missing, so nobody knows
    suspects: list[AuditEntry] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)


def verify(noted: tuple[int, str] | None = None) -> Verdict:
    """Compute all again, while others go on writing; `noted`: number and digest of a seal, kept elsewhere."""
    log = _Log(Verdict())
    for seal in _seals():
        _check_place_of(seal, log)
        try:
            _check_entries_of(seal, log)
        except (ValueError, TypeError):  # SQLite lets anybody who may write there put anything anywhere
            log.verdict.problems.append(
                f"Seal {seal.number} does not fit: one of the entries at the places {seal.first_place} to "
                f"{seal.last_place} was changed to what cannot be read."
            )
        log.number, log.place, log.digest = seal.number, seal.last_place, seal.digest
        log.verdict.seals += 1
        log.verdict.last = seal
        if noted and seal.number == noted[0] and seal.digest != noted[1]:
            log.verdict.problems.append(f"Seal {seal.number} is not the one that was noted.")
        end_reading()
    if noted and noted[0] > log.number:
        log.verdict.problems.append(f"Seal {noted[0]}, which was noted, is missing: the end was cut off.")
    _tell_missing(log)
    _tell_suspects(log)
    _look_outside(log.verdict)
    return log.verdict


def _seals() -> Iterator[AuditSeal]:
    number = None
    while True:
        found = select(AuditSeal).order_by(AuditSeal.number).limit(SEALS_AT_ONCE)
        found = found if number is None else found.where(AuditSeal.number > number)
        seals = db.session.scalars(found.execution_options(populate_existing=True)).all()
        yield from seals
        if len(seals) < SEALS_AT_ONCE:
            return
        number = seals[-1].number


def _check_place_of(seal: AuditSeal, log: _Log) -> None:
    """Look whether `seal` follows the one before."""
    absent = range(log.number + 1, seal.number)
    if absent:
        log.verdict.problems.append(
            f"Seal {absent[0]} is missing."
            if len(absent) == 1
            else f"Seals {absent[0]} to {absent[-1]} are missing."
        )
        log.digest = None
    elif seal.first_place != log.place + 1:
        log.verdict.problems.append(
            f"Seal {seal.number} begins at place {seal.first_place}, but the one before ends at {log.place}."
        )


def _check_entries_of(seal: AuditSeal, log: _Log) -> None:
    entries_said = seal.last_place - seal.first_place + 1
    if entries_said > BATCH:  # not looked for: whoever wrote it could keep us looking for ever
        log.verdict.problems.append(
            f"Seal {seal.number} was changed: no seal holds {entries_said:,} entries."
        )
        return
    places = AuditEntry.place.between(seal.first_place, seal.last_place)
    found = (
        select(AuditEntry, AuditPersonal)
        .outerjoin(AuditPersonal, AuditPersonal.entry_id == AuditEntry.id)
        .where(places)
        .order_by(AuditEntry.place)
    )
    rows = db.session.execute(found.execution_options(populate_existing=True)).all()
    entries = [row[0] for row in rows]
    known = {entry.place for entry in entries}
    missing = [place for place in range(seal.first_place, seal.last_place + 1) if place not in known]
    suspects = [entry for entry, personal in rows if not _is_right(entry, personal)]
    log.verdict.entries += len(entries)
    log.missing += missing
    log.suspects += suspects
    if not missing and not _is_sealed(seal, log.digest, entries):
        log.verdict.problems.append(
            f"Seal {seal.number} (of {to_text(seal.sealed_at)}) does not fit: it was changed, or the one before it, "
            f"or one of the entries at the places {seal.first_place} to {seal.last_place} with its digest."
        )


def _is_right(entry: AuditEntry, personal: AuditPersonal | None) -> bool:
    if personal and personal_digest(personal.salt, personal.content) != entry.personal_digest:
        return False
    return entry_digest(entry, entry.place) == entry.digest


def _is_sealed(seal: AuditSeal, before: str | None, entries: Sequence[AuditEntry]) -> bool:
    """Whether `seal` fits its entries; where the one before is missing nobody can say, and that is told already."""
    return before is None or seal_digest(seal, before, [entry.digest for entry in entries]) == seal.digest


def _tell_missing(log: _Log) -> None:
    _tell([f"The entry at place {place} is missing." for place in log.missing], log.verdict)


def _tell_suspects(log: _Log) -> None:
    places = log.missing[:MOST_SUSPECTS] + [entry.place or 0 for entry in log.suspects[:MOST_SUSPECTS]]
    told = []
    for entry in log.suspects[:MOST_SUSPECTS]:
        came_from = next((p for p in places if entry_digest(entry, p) == entry.digest), None)
        name = f"{entry.action} on {entry.thing}, {to_text(entry.at)}, {entry.id}"
        if came_from is None or came_from == entry.place:
            told.append(f"The entry at place {entry.place} was changed: {name}.")
        else:
            told.append(f"The entry at place {entry.place} stood at place {came_from}: {name}.")
    _tell(told, log.verdict)
    if len(log.suspects) > MOST_SUSPECTS:
        log.verdict.problems.append(f"{len(log.suspects):,} entries are not as they were written.")


def _tell(problems: list[str], verdict: Verdict) -> None:
    verdict.problems += problems[:MOST_SHOWN]
    if len(problems) > MOST_SHOWN:
        verdict.problems.append(f"And {len(problems) - MOST_SHOWN:,} more like this.")


def _look_outside(verdict: Verdict) -> None:
    """Look at what no seal holds: entries that wait for one, and those that had one."""
    end = select(func.coalesce(func.max(AuditSeal.last_place), 0)).scalar_subquery()
    outside = or_(AuditEntry.place > end, AuditEntry.place < 1)
    lost = select(AuditEntry).where(outside).order_by(AuditEntry.place).limit(MOST_SUSPECTS)
    _tell(
        [
            f"The entry at place {entry.place} is in no seal: the last ones are missing."
            for entry in db.session.scalars(lost)
        ],
        verdict,
    )
    waiting = select(func.count()).select_from(AuditEntry).where(AuditEntry.place.is_(None))
    verdict.waiting = db.session.scalar(waiting) or 0
    end_reading()
