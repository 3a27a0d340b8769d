"""Whether the worker is seen: on /readyz and /metrics."""

import time
from datetime import UTC, datetime, timedelta

import time_machine
from flask import Flask
from flask.testing import FlaskClient

from wihy.core.database import transaction
from wihy.jobs import turns

SEEN_AT = datetime(2026, 11, 20, 10, tzinfo=UTC)


def see_a_worker(app: Flask) -> None:
    with app.app_context(), transaction():
        turns.note_worker()


def test_a_fresh_start_is_well(stranger: FlaskClient) -> None:
    assert stranger.get("/readyz").json["parts"]["worker"] == {"status": "ok", "message": None}


def test_a_worker_that_never_came_is_told(app: Flask, stranger: FlaskClient) -> None:
    app.extensions["made_at"] = time.monotonic() - 200
    answer = stranger.get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "warning")
    assert answer.json["parts"]["worker"]["message"] == "was never seen: mails and clean-ups wait"


def test_a_worker_that_is_gone_is_told(app: Flask, stranger: FlaskClient) -> None:
    with time_machine.travel(SEEN_AT, tick=False) as clock:
        see_a_worker(app)
        clock.shift(timedelta(minutes=3))
        assert stranger.get("/readyz").json["parts"]["worker"]["status"] == "ok"
        clock.shift(timedelta(seconds=1))
        message = stranger.get("/readyz").json["parts"]["worker"]["message"]
        assert message == "was last seen at 2026-11-20T10:00:00.000Z: mails and clean-ups wait"
        see_a_worker(app)
        assert stranger.get("/readyz").json["parts"]["worker"]["status"] == "ok"


def test_metrics_tell_the_queue_and_the_silence(app: Flask, stranger: FlaskClient) -> None:
    with time_machine.travel(SEEN_AT, tick=False) as clock:
        see_a_worker(app)
        app.extensions["jobs"].run_soon("outbox")
        clock.shift(timedelta(seconds=90))
        lines = stranger.get("/metrics").text.splitlines()
    assert "wihy_job_queue_length 1.0" in lines
    assert "wihy_worker_silent_seconds 90.0" in lines


def test_metrics_stand_without_a_queue(app: Flask, stranger: FlaskClient) -> None:
    app.extensions["jobs"].queue.storage.close()
    app.extensions["jobs"].queue.storage.filename = "/nowhere/jobs.sqlite"
    answer = stranger.get("/metrics")
    assert answer.status_code == 200
    assert "wihy_job_queue_length" not in answer.text
