"""Captures that wait together are committed together, and each is answered by what became of it."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from tests.conftest import MakeApp
from tests.tracking.captures import a_capture
from tests.tracking.test_capture import PATH, send, stored
from wihy.core.database import db, transaction
from wihy.core.errors import Unavailable
from wihy.tracking import group_commit as room
from wihy.tracking.capture import Capture, Outcome
from wihy.tracking.entries import Entry
from wihy.tracking.figures import check_day
from wihy.tracking.group_commit import group_commit
from wihy.tracking.models import Event
from wihy.tracking.service import capture_events
from wihy.tracking.store import store


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Holds the writer up before it stores, until set."""
    gate = threading.Event()

    def held(entries: list[Entry], *counts: int) -> set[UUID]:
        assert gate.wait(20)
        return store(entries, *counts)

    monkeypatch.setattr(room, "store", held)
    yield gate
    gate.set()


def count(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Event)) or 0


def capture_in_thread(app: Flask, captures: list[Capture]) -> list[Outcome]:
    with app.app_context():
        return capture_events(captures)


def test_what_waits_is_committed_in_one_transaction(
    app: Flask, monkeypatch: pytest.MonkeyPatch, gate: threading.Event
) -> None:
    sizes: list[int] = []
    commit = room.commit

    def counted(captures: list[Capture]) -> list[Outcome]:
        sizes.append(len(captures))
        return commit(captures)

    monkeypatch.setattr(room, "commit", counted)
    with ThreadPoolExecutor(21) as pool:
        first = pool.submit(capture_in_thread, app, [a_capture()])
        while not sizes:
            pass
        others = [pool.submit(capture_in_thread, app, [a_capture()]) for _ in range(20)]
        with app.app_context():
            while group_commit().rows_waiting < 21:
                pass
        gate.set()
        outcomes = [one.result() for one in (first, *others)]
    assert sizes == [1, 20]
    assert all(len(outcome) == 1 for outcome in outcomes)
    assert count(app) == 21


def test_each_gets_its_own_outcome(app: Flask) -> None:
    known = a_capture()
    with app.app_context():
        capture_events([known])
        fresh, bot = a_capture(), a_capture(is_bot=True)
        outcomes = capture_events([fresh, known, bot, fresh])
    assert outcomes == [
        Outcome(fresh.id, is_bot=False, is_duplicate=False),
        Outcome(known.id, is_bot=False, is_duplicate=True),
        Outcome(bot.id, is_bot=True, is_duplicate=False),
        Outcome(fresh.id, is_bot=False, is_duplicate=True),
    ]


def test_one_bad_capture_fails_alone(
    app: Flask, monkeypatch: pytest.MonkeyPatch, gate: threading.Event
) -> None:
    bad = a_capture(campaign="bad")
    real = room.store

    def picky(entries: list[Entry], *counts: int) -> set[UUID]:
        if bad in [entry.capture for entry in entries]:
            gate.wait(20)
            raise ValueError("this one cannot be written")
        return real(entries, *counts)

    monkeypatch.setattr(room, "store", picky)
    with ThreadPoolExecutor(10) as pool:
        waiting = [
            pool.submit(capture_in_thread, app, [one]) for one in (bad, *(a_capture() for _ in range(9)))
        ]
        with app.app_context():
            while group_commit().rows_waiting < 10:
                pass
        gate.set()
        failed = [one for one in waiting if one.exception()]
    assert failed == [waiting[0]]
    assert isinstance(waiting[0].exception(), ValueError)
    assert count(app) == 9


def test_a_full_queue_refuses_and_says_when_to_come_back(
    app: Flask, monkeypatch: pytest.MonkeyPatch, gate: threading.Event
) -> None:
    monkeypatch.setattr(room, "MOST_ROWS_WAITING", 3)
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(capture_in_thread, app, [a_capture()]) for _ in range(3)]
        with app.app_context():
            while group_commit().rows_waiting < 3:
                pass
        answer = send(app.test_client())
        assert (answer.status_code, answer.json["code"]) == (503, "SERVICE_UNAVAILABLE")
        assert int(answer.headers["Retry-After"]) > 0
        gate.set()
        assert all(one.result() for one in waiting)
    assert count(app) == 3
    assert send(app.test_client()).status_code == 201


def test_who_waits_too_long_is_never_told_success(
    app: Flask, monkeypatch: pytest.MonkeyPatch, gate: threading.Event
) -> None:
    monkeypatch.setattr(room, "PATIENCE_SECONDS", 0.1)
    capture = a_capture()
    answer = app.test_client().post(
        PATH, json={"referrer": "a", "eventId": str(capture.id), "userAgent": capture.user_agent}
    )
    assert answer.status_code == 503
    gate.set()
    monkeypatch.setattr(room, "PATIENCE_SECONDS", 10)
    again = app.test_client().post(
        PATH, json={"referrer": "a", "eventId": str(capture.id), "userAgent": capture.user_agent}
    )
    assert again.status_code == 200
    assert again.json["duplicate"] is True
    assert len(stored(app)) == 1


def test_an_outage_is_ours(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: object) -> set[UUID]:
        raise OperationalError("INSERT", {}, Exception("the disk is full"))

    monkeypatch.setattr(room, "store", lost)
    answer = send(app.test_client())
    assert (answer.status_code, answer.json["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert "Retry-After" in answer.headers
    assert "disk" not in answer.text


def test_the_writer_rests_and_wakes_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "IDLE_SECONDS", 0.05)
    assert send(app.test_client()).status_code == 201
    deadline = threading.Event()
    for _ in range(100):
        if not [one for one in threading.enumerate() if one.name == "group commit"]:
            break
        deadline.wait(0.05)
    assert send(app.test_client()).status_code == 201
    assert count(app) == 2


def test_without_a_thread_nothing_waits_and_the_next_are_stored(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_thread(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with app.app_context():
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", no_thread)
            with pytest.raises(Unavailable):
                capture_events([a_capture()])
        assert group_commit().rows_waiting == 0
        [outcome] = capture_events([a_capture()])
    assert not outcome.is_duplicate
    assert count(app) == 1


def test_without_it_each_request_commits_its_own(make_app: MakeApp) -> None:
    app = make_app(GROUP_COMMIT="off")
    assert send(app.test_client()).status_code == 201
    assert "group_commit" not in app.extensions
    assert count(app) == 1


def test_two_processes_store_the_same_events_once(make_app: MakeApp) -> None:
    """As two applications they share nothing but the database, and write the same captures at the same time."""
    apps = [make_app(), make_app()]
    captures = [a_capture(address=f"203.0.113.{number % 7}") for number in range(60)]
    with ThreadPoolExecutor(12) as pool:
        sent = [
            pool.submit(capture_in_thread, apps[number % 2], captures[start : start + 5])
            for number, start in enumerate([*range(0, 60, 5)] * 4)
        ]
        outcomes = [outcome for one in sent for outcome in one.result()]
    assert len([outcome for outcome in outcomes if not outcome.is_duplicate]) == 60
    assert count(apps[0]) == 60
    with apps[0].app_context(), transaction():
        assert db.session.scalar(select(func.count()).select_from(Event).where(Event.new_visitor)) == 7
        assert not any(check_day(captures[0].timestamp.date()))


def test_nothing_is_refused_for_nothing(app: Flask) -> None:
    with app.app_context():
        assert capture_events([]) == []
        with pytest.raises(Unavailable):
            raise Unavailable
