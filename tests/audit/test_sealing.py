"""Seals: each entry gets exactly one, whenever it is committed and whoever seals; and what is manipulated is found."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import select, text

from wihy.audit import sealing
from wihy.audit.models import AuditEntry, AuditSeal
from wihy.audit.sealing import seal
from wihy.audit.service import forget_personal, record
from wihy.audit.verifying import Verdict, verify
from wihy.core.database import db, transaction
from wihy.jobs.schedule import JOBS

EACH = 3
TRIGGERS = ("audit_log_no_update", "audit_log_no_delete", "audit_personal_no_update")
TRIGGERS += ("audit_seals_no_update", "audit_seals_no_delete")


def write(*things: str) -> None:
    with transaction():
        for thing in things:
            record("TESTED", thing, details={"n": 1}, personal={"name": thing})


def sealed_things() -> list[str]:
    """Return the things of sealed entries, in their order, one row for each."""
    found = select(AuditEntry.thing).where(AuditEntry.place.is_not(None)).order_by(AuditEntry.place)
    return list(db.session.scalars(found))


@pytest.fixture
def log(app: Flask) -> Iterator[Flask]:
    """A log of three seals with three entries each, whose triggers somebody took away."""
    with app.app_context():
        for start in range(1, 3 * EACH + 1, EACH):
            write(*(f"thing:{number}" for number in range(start, start + EACH)))
            seal()
        yield app


def tamper(*statements: str) -> None:
    """Run `statements` as somebody who may do anything in the database."""
    with transaction():
        is_sqlite = db.engine.dialect.name == "sqlite"
        for trigger in TRIGGERS:
            table = trigger.partition("_no_")[0]
            db.session.execute(text(f"DROP TRIGGER {trigger}" + ("" if is_sqlite else f" ON {table}")))
        for statement in statements:
            db.session.execute(text(statement))


def found(noted: tuple[int, str] | None = None) -> list[str]:
    db.session.expire_all()
    return verify(noted).problems


def test_sealing_is_a_job_of_each_minute() -> None:
    assert JOBS["audit seal"].act is seal
    assert JOBS["audit seal"].every.total_seconds() == 60


def test_an_empty_log_is_right(app: Flask) -> None:
    with app.app_context():
        seal()
        assert verify() == Verdict()


def test_an_untouched_log_is_right(log: Flask) -> None:
    write("thing:10")
    verdict = verify()
    assert (verdict.problems, verdict.seals, verdict.entries, verdict.waiting) == ([], 3, 9, 1)
    assert sealed_things() == [f"thing:{number}" for number in range(1, 10)]


def test_a_seal_holds_a_batch(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 2)
    with app.app_context():
        write(*"abcde")
        seal()
        seals = db.session.scalars(select(AuditSeal).order_by(AuditSeal.number)).all()
        assert [(one.number, one.first_place, one.last_place) for one in seals] == [
            (1, 1, 2),
            (2, 3, 4),
            (3, 5, 5),
        ]
        assert found() == []


def test_what_is_committed_late_is_sealed_once_too(app: Flask) -> None:
    """The entry of a transaction that is still open is older than one that is sealed meanwhile."""
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            return  # one transaction after the other: none is late
        is_written, may_end = Event(), Event()

        def write_slowly() -> None:
            with app.app_context(), transaction():
                record("TESTED", "late")
                is_written.set()
                assert may_end.wait(20)

        with ThreadPoolExecutor(1) as slow:
            writing = slow.submit(write_slowly)
            assert is_written.wait(20)
            write("quick")
            seal()
            assert sealed_things() == ["quick"]
            may_end.set()
            writing.result(20)
        seal()
        assert sealed_things() == ["quick", "late"]
        assert found() == []


def test_several_workers_and_writers_leave_one_chain(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 3)

    def work(worker: int) -> None:
        with app.app_context():
            for number in range(5):
                write(f"{worker}:{number}", f"{worker}:{number}:again")
                seal()

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(work, range(4)))
    with app.app_context():
        assert len(sealed_things()) == len(set(sealed_things())) == 40
        assert found() == []


CHANGED = [
    "UPDATE audit_log SET actor = 'nobody' WHERE place = {place}",
    "UPDATE audit_log SET details = '{{}}' WHERE place = {place}",
    "UPDATE audit_log SET personal_digest = NULL WHERE place = {place}",
    "UPDATE audit_log SET digest = 'abc' WHERE place = {place}",
    "UPDATE audit_personal SET content = '{{}}' WHERE entry_id = (SELECT id FROM audit_log WHERE place = {place})",
]


@pytest.mark.parametrize("place", [1, 5, 9])
@pytest.mark.parametrize("statement", CHANGED)
def test_a_changed_entry_is_named(log: Flask, statement: str, place: int) -> None:
    tamper(statement.format(place=place))
    problems = found()
    assert [
        problem for problem in problems if f"place {place} was changed: TESTED on thing:{place}," in problem
    ]
    assert all(f"place {place} " in problem or problem.startswith("Seal ") for problem in problems)


@pytest.mark.parametrize("place", [1, 5, 9])
def test_a_missing_entry_is_named(log: Flask, place: int) -> None:
    which = f"(SELECT id FROM audit_log WHERE place = {place})"
    tamper(
        f"DELETE FROM audit_personal WHERE entry_id = {which}", f"DELETE FROM audit_log WHERE place = {place}"
    )
    assert found() == [f"The entry at place {place} is missing."]


def test_an_entry_that_lost_its_place_is_named(log: Flask) -> None:
    tamper("UPDATE audit_log SET place = NULL, digest = NULL WHERE place = 9")
    assert found() == ["The entry at place 9 is missing."]


@pytest.mark.parametrize(("one", "other"), [(1, 2), (3, 4), (8, 9), (1, 9)])
def test_entries_that_changed_places_are_named(log: Flask, one: int, other: int) -> None:
    tamper(
        f"UPDATE audit_log SET place = 1000 WHERE place = {one}",
        f"UPDATE audit_log SET place = {one} WHERE place = {other}",
        f"UPDATE audit_log SET place = {other} WHERE place = 1000",
    )
    problems = found()
    assert any(f"place {one} stood at place {other}: TESTED on thing:{other}," in each for each in problems)
    assert any(f"place {other} stood at place {one}: TESTED on thing:{one}," in each for each in problems)


def test_entries_that_moved_up_for_a_missing_one_are_named(log: Flask) -> None:
    tamper(
        "DELETE FROM audit_personal WHERE entry_id = (SELECT id FROM audit_log WHERE place = 8)",
        "DELETE FROM audit_log WHERE place = 8",
        "UPDATE audit_log SET place = 8 WHERE place = 9",
    )
    missing, moved = found()
    assert missing == "The entry at place 9 is missing."
    assert moved.startswith("The entry at place 8 stood at place 9: TESTED on thing:9,")


def test_an_entry_changed_with_its_digest_does_not_fit_its_seal(log: Flask) -> None:
    tamper("UPDATE audit_log SET actor = 'nobody' WHERE place = 5")
    with transaction():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.place == 5)).one()
        entry.digest = sealing.entry_digest(entry, 5)
    [problem] = found()
    assert problem.startswith("Seal 2 ")
    assert "places 4 to 6" in problem


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize(
    "change", ["digest = 'abc'", "last_place = last_place + 1", "first_place = 0", "sealed_at = '2020-01-01'"]
)
def test_a_changed_seal_is_named(log: Flask, change: str, number: int) -> None:
    tamper(f"UPDATE audit_seals SET {change} WHERE number = {number}")
    assert any(problem.startswith(f"Seal {number} ") or "place 10 " in problem for problem in found())


@pytest.mark.parametrize("number", [1, 2])
def test_a_missing_seal_is_named(log: Flask, number: int) -> None:
    tamper(f"DELETE FROM audit_seals WHERE number = {number}")
    assert found() == [f"Seal {number} is missing."]


def test_the_last_seal_is_missed_by_its_entries(log: Flask) -> None:
    tamper("DELETE FROM audit_seals WHERE number = 3")
    assert found() == [
        f"The entry at place {place} is in no seal: the last ones are missing." for place in (7, 8, 9)
    ]


def test_a_seals_table_that_was_emptied_is_missed_by_all_entries(log: Flask) -> None:
    tamper("DELETE FROM audit_seals")
    assert len(found()) == 9


def test_an_end_that_was_cut_off_is_missed_by_who_noted_the_seal(log: Flask) -> None:
    last = verify().last
    assert last
    noted = (last.number, last.digest)
    assert found(noted) == []
    tamper(
        "DELETE FROM audit_seals WHERE number = 3",
        "DELETE FROM audit_personal WHERE entry_id IN (SELECT id FROM audit_log WHERE place > 6)",
        "DELETE FROM audit_log WHERE place > 6",
    )
    assert found() == []
    assert found(noted) == ["Seal 3, which was noted, is missing: the end was cut off."]
    write("another")
    seal()
    assert found(noted) == ["Seal 3 is not the one that was noted."]


@pytest.mark.parametrize("number", [1, 3])
def test_a_seal_that_claims_too_much_keeps_nobody_busy(log: Flask, number: int) -> None:
    tamper(f"UPDATE audit_seals SET last_place = {2**62} WHERE number = {number}")
    problems = found()
    assert any(problem.startswith(f"Seal {number} ") for problem in problems)


UNREADABLE = [
    "UPDATE audit_log SET details = 'no JSON' WHERE place = 5",
    "UPDATE audit_log SET details = x'ff' WHERE place = 5",
    "UPDATE audit_log SET at = 'some day' WHERE place = 5",
    "UPDATE audit_log SET id = 'x' WHERE place = 5",
]


@pytest.mark.parametrize("statement", UNREADABLE)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # PostgreSQL takes no such values
def test_what_cannot_be_read_any_more_hides_nothing_else(log: Flask, statement: str) -> None:
    with transaction():
        db.session.execute(text("DELETE FROM audit_personal"))
    tamper("UPDATE audit_log SET actor = 'nobody' WHERE place = 9", statement)
    problems = found()
    assert any("Seal 2 " in problem or "place 5 " in problem for problem in problems)
    assert any("place 9 was changed" in problem for problem in problems)


def test_a_personal_part_that_was_erased_is_missed_by_nobody(log: Flask) -> None:
    with transaction():
        forget_personal("thing:5")
    assert found() == []


def test_the_command_tells_it_and_ends_with_1(log: Flask) -> None:
    runner = log.test_cli_runner()
    last = verify().last
    assert last
    right = runner.invoke(args=["audit", "verify", "--noted", f"{last.number}:{last.digest}"])
    assert right.exit_code == 0
    assert f"9 entries in 3 seals, 0 not sealed yet.\nLast seal: 3:{last.digest}" in right.output
    tamper("UPDATE audit_log SET thing = 'thing:none' WHERE place = 2")
    wrong = runner.invoke(args=["audit", "verify"])
    assert wrong.exit_code == 1
    assert "The entry at place 2 was changed: TESTED on thing:none," in wrong.output
    assert "tampered with" in wrong.output


def test_the_command_says_how_a_seal_is_written(app: Flask) -> None:
    answer = app.test_cli_runner().invoke(args=["audit", "verify", "--noted", "17"])
    assert answer.exit_code == 2
    assert "write it as it was told" in answer.output
