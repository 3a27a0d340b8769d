"""Jobs: when they run, how often, and what becomes of those that fail."""

import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
import time_machine
from flask import Flask, current_app
from huey.registry import Message

from tests.conftest import MakeApp
from tests.jobs.stage import a_job, give_jobs, happened, working
from wihy.core.database import db, transaction
from wihy.core.jobs import is_stopping, nudge
from wihy.jobs import turns
from wihy.jobs.models import JobRun
from wihy.jobs.queue import JsonSerializer

START = datetime(2026, 11, 20, 10, tzinfo=UTC)


@pytest.fixture(params=["file", "redis"])
def queued_app(request: pytest.FixtureRequest, make_app: MakeApp) -> Iterator[Flask]:
    """An application with either kind of queue."""
    if request.param == "redis":
        return make_app(REDIS_URL=request.getfixturevalue("redis_url"))
    return make_app()


def test_a_worker_does_what_is_due(queued_app: Flask) -> None:
    done = Event()
    with working(give_jobs(queued_app, a_job(done.set))):
        assert happened(done)


def test_a_nudge_runs_a_job_that_is_not_due(queued_app: Flask) -> None:
    first, again = Event(), Event()

    def act() -> None:
        (again if first.is_set() else first).set()

    with working(give_jobs(queued_app, a_job(act))):
        assert happened(first)
        with queued_app.app_context(), transaction():
            nudge("test")
        assert happened(again)


def test_a_nudge_of_a_transaction_that_fails_is_none(queued_app: Flask) -> None:
    runner = give_jobs(queued_app, a_job(lambda: None))
    with queued_app.app_context():
        with suppress(ZeroDivisionError), transaction():
            nudge("test")
            raise ZeroDivisionError
        assert runner.queue.pending_count() == 0
        with transaction():
            nudge("test")
        assert runner.queue.pending_count() == 1


def test_jobs_run_in_a_context_of_the_application(app: Flask) -> None:
    seen: list[Flask] = []
    give_jobs(app, a_job(lambda: seen.append(current_app._get_current_object()))).run("test")  # type: ignore[attr-defined]
    assert seen == [app]


def test_of_many_workers_one_runs_a_job_once_a_period(app: Flask) -> None:
    done: list[int] = []
    runner = give_jobs(app, a_job(lambda: done.append(1)))
    with time_machine.travel(START, tick=False) as clock:
        for _ in range(2):
            with ThreadPoolExecutor(6) as threads:
                list(threads.map(lambda _: runner.run("test"), range(12)))
            clock.shift(timedelta(minutes=59, seconds=51))
    assert len(done) == 2


def test_a_dead_workers_job_begins_anew_after_its_lease(app: Flask) -> None:
    job = a_job(lambda: None, every=timedelta(minutes=1))
    with app.app_context(), time_machine.travel(START, tick=False) as clock:
        with transaction():
            assert turns.due([job]) == [job]
            assert turns.take(job)
        clock.shift(timedelta(minutes=9))
        with transaction():
            assert not turns.take(job)
            assert turns.due([job]) == []
        clock.shift(timedelta(minutes=1))
        with transaction():
            assert turns.due([job]) == [job]
            assert turns.take(job)


def test_a_failing_job_is_logged_counted_and_tried_again(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    runner = give_jobs(app, a_job(lambda: 1 / 0))
    with caplog.at_level(logging.ERROR):
        runner.run("test")
    assert "the job 'test' failed" in caplog.text
    with app.app_context():
        row = db.session.get_one(JobRun, "test")
        assert (row.error, row.leased_until) == ("ZeroDivisionError", None)
    metrics = app.test_client().get("/metrics").text
    assert 'wihy_job_failures_total{job="test"}' in metrics


def test_a_job_of_another_version_is_left(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    give_jobs(app).run("of tomorrow")
    assert "there is no job 'of tomorrow'" in caplog.text


@pytest.fixture
def app_without_its_redis(make_app: MakeApp) -> Flask:
    """An application whose queue cannot be reached."""
    return make_app(REDIS_URL="redis://127.0.0.1:1/0")


def test_a_queue_out_of_reach_costs_no_more_than_a_warning(
    app_without_its_redis: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    with app_without_its_redis.app_context(), transaction():
        nudge("outbox")
    assert "outbox must wait for the clock: ConnectionError" in caplog.text


def test_nudges_do_not_pile_up_where_nobody_works(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wihy.jobs.runner.ENOUGH_WAITING", 3)
    runner = give_jobs(app, a_job(lambda: None))
    for _ in range(10):
        runner.run_soon("test")
    assert runner.queue.pending_count() == 3


def test_messages_are_text_that_runs_no_code() -> None:
    message = Message("id", "name", args=("outbox",), kwargs={"is_nudged": True})
    written = JsonSerializer().serialize(message)
    assert json.loads(written)["args"] == ["outbox"]
    assert JsonSerializer().deserialize(memoryview(written)).kwargs == {"is_nudged": True}
    with pytest.raises(ValueError, match="Expecting value"):
        JsonSerializer().deserialize(b"cos\nsystem\n(S'true'\ntR.")


def test_work_is_told_that_the_worker_ends(app: Flask) -> None:
    begun, told = Event(), Event()

    def act() -> None:
        begun.set()
        while not is_stopping():
            told.wait(0.01)
        told.set()

    with working(give_jobs(app, a_job(act))):
        assert happened(begun)
    assert told.is_set()
