"""Figures are read on a real replica, and right whatever becomes of it; nobody's request fails."""

import json
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.analytics.events import Sent, store
from tests.conftest import add_user, signed_in
from tests.core.conftest import Pair, app_on
from tests.servers.processes import wait_until
from tests.tracking.test_capture import BROWSER
from wihy.analytics import events
from wihy.core import database
from wihy.core.database import transaction
from wihy.core.replica import reader, reading

START = datetime(2026, 1, 1, tzinfo=UTC)
STATS = "/api/tracking/stats"
PAGES = [
    STATS,
    "/api/tracking/referrer/partner_john",
    "/api/tracking/events",
    "/api/tracking/events?format=csv",
    "/api/tracking/engagement/partner_john",
    "/engagement/partner_john",
    "/tracking-dashboard",
    "/tracking-dashboard/partners",
    "/tracking-dashboard/referrers/partner_john",
    "/tracking-admin",
]
OF_AUTHORITY = ("tracking_users", "sessions", "api_keys", "partner_access")


@pytest.fixture
def staff(pair: Pair) -> FlaskClient:
    """A signed-in client of the pair's application."""
    add_user(pair.app, "ada@example.org", "admin")
    return signed_in(pair.app, "ada@example.org")


def capture(pair: Pair) -> None:
    body = {"referrer": "partner_john", "campaign": "hello", "userAgent": BROWSER}
    assert pair.app.test_client().post("/api/tracking/capture", json=body).status_code == 201


def count(client: FlaskClient) -> int:
    answer = client.get(STATS)
    assert answer.status_code == 200, answer.text
    found: int = answer.json["totalEvents"]
    return found


def state(pair: Pair) -> dict[str, Any]:
    answer = pair.app.test_client().get("/readyz")
    assert answer.status_code == 200
    part: dict[str, Any] = answer.json["parts"]["replica"]
    return part


@pytest.mark.parametrize("path", PAGES)
def test_figures_are_read_there_and_authority_is_not(pair: Pair, staff: FlaskClient, path: str) -> None:
    capture(pair)
    pair.asked.clear()
    answer = staff.get(path)
    assert answer.status_code == 200, answer.text
    asked = " ".join(pair.asked)
    assert "daily_figures" in asked or "tracking_events" in asked or "quarter_hour_figures" in asked
    assert not any(table in asked for table in OF_AUTHORITY)


def test_it_cannot_be_written_there(pair: Pair) -> None:
    with pair.app.app_context(), pair.app.extensions["replica"].engine.connect() as connection:
        assert connection.scalar(text("SHOW default_transaction_read_only")) == "on"
        with pytest.raises(DBAPIError, match="read-only"):
            connection.execute(text("DELETE FROM tracking_users"))


def test_a_transaction_reads_what_it_wrote(pair: Pair) -> None:
    with pair.app.app_context(), transaction():
        assert not where()


def test_what_was_acknowledged_is_in_the_next_answer(pair: Pair, staff: FlaskClient) -> None:
    for number in range(1, 31):
        capture(pair)
        assert count(staff) == number
    assert pair.is_read()


def test_a_replica_that_stays_behind_is_left_until_it_caught_up(pair: Pair, staff: FlaskClient) -> None:
    pair.tell("SELECT pg_wal_replay_pause()")
    try:
        wait_until(lambda: pair.replica.run("SELECT pg_get_wal_replay_pause_state()") == "paused")
        assert pair.is_read()  # it has all there is, though it replays nothing
        capture(pair)
        assert count(staff) == 1
        assert not pair.is_read()
        assert state(pair)["message"] == "is behind the primary: figures are read from the primary"
        assert state(pair)["status"] == "warning"
    finally:
        pair.tell("SELECT pg_wal_replay_resume()")
    pair.wait_until_read()
    assert state(pair) == {"status": "ok", "message": None}
    assert count(staff) == 1


def test_an_idle_primary_does_not_look_like_lag(pair: Pair) -> None:
    pair.primary.run("SELECT pg_switch_wal()")
    pair.wait_until_read()
    time.sleep(0.5)
    assert all(pair.is_read() for _ in range(20))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["stopped", "killed"])
def test_nobody_notices_that_it_goes_and_comes(
    pair: Pair, staff: FlaskClient, number: signal.Signals
) -> None:
    with asking(pair) as answers:
        capture(pair)
        pair.replica.stop(number)
        try:
            before = len(answers)
            wait_until(lambda: len(answers) > before + 20)
            capture(pair)
            assert count(staff) == 2
            assert not pair.is_read()
            assert state(pair)["message"].startswith("cannot be reached")
        finally:
            pair.replica.start()
        pair.wait_until_read()
        assert count(staff) == 2
    assert {status for status, _ in answers} == {200}
    figures = [figure for _, figure in answers]
    assert set(figures) <= {0, 1, 2}


@reading
def where(delay: str = "") -> bool:
    """Return whether the replica answers; there it takes as long as `delay` says."""
    if delay:
        reader().execute(text(f"SELECT CASE WHEN pg_is_in_recovery() THEN ({delay}) END"))
    return bool(reader().scalar(text("SELECT pg_is_in_recovery()")))


def test_a_query_that_dies_with_it_is_answered_by_the_primary(pair: Pair) -> None:
    with in_the_middle(pair, "SELECT pg_sleep(30)::text") as found:
        pair.replica.stop(signal.SIGKILL)
        wait_until(lambda: bool(found))
        pair.replica.start()
    assert found == [False]


def test_a_query_that_recovery_cancels_is_answered_by_the_primary(pair: Pair) -> None:
    pair.primary.run("CREATE TABLE gone AS SELECT generate_series(1, 1000) AS number", pair.name)
    pair.wait_until_read()
    with in_the_middle(pair, "SELECT count(*)::text || pg_sleep(30) FROM gone") as found:
        pair.primary.run("DELETE FROM gone", pair.name)
        pair.primary.run("VACUUM gone", pair.name)  # what the replica's query sees is cleared away under it
        wait_until(lambda: bool(found))
    assert found == [False]
    pair.wait_until_read()


def test_a_replica_that_never_answers_keeps_nobody_waiting(pair: Pair, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://postgres@127.0.0.1:{silent.getsockname()[1]}/{pair.name}"
        pair.app = app_on(tmp_path, pair.primary.url(pair.name), url)
        began = time.monotonic()
        assert not any(pair.is_read() for _ in range(10))
        assert time.monotonic() - began < 1.5
        assert state(pair)["message"].startswith(("does not answer", "cannot be reached"))


def test_a_download_goes_on_from_the_primary(pair: Pair, staff: FlaskClient) -> None:
    sent = [Sent(START + timedelta(seconds=n)) for n in range(3 * events.BATCH + 1)]
    store(pair.app, sent)
    lines = iter(staff.get("/api/tracking/events?format=ndjson", buffered=False).response)
    listed = [next(lines)]
    pair.replica.stop(signal.SIGKILL)
    try:
        listed += lines
    finally:
        pair.replica.start()
    ids = [json.loads(line)["id"] for line in listed]
    assert ids == [str(event.id) for event in reversed(sent)]


def test_a_replica_that_freezes_is_given_up(pair: Pair, staff: FlaskClient) -> None:
    capture(pair)
    with asking(pair) as answers:
        wait_until(lambda: len(answers) > 20)
        with pair.replica.frozen():
            before = len(answers)
            wait_until(lambda: len(answers) > before + 40)
            assert count(staff) == 1
            assert not pair.is_read()
            assert "primary" in state(pair)["message"]
        pair.wait_until_read()
    assert set(answers) == {(200, 1)}


def test_a_replica_that_froze_while_nobody_asked_is_given_up(
    pair: Pair, staff: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "RESTED_SECONDS", 0)
    assert count(staff) == 0
    with pair.replica.frozen():
        began = time.monotonic()
        assert not pair.is_read()
        assert time.monotonic() - began < 10
    pair.wait_until_read()


def test_a_server_that_is_no_replica_is_not_believed(pair: Pair, tmp_path: Path) -> None:
    url = pair.primary.url(pair.name)
    pair.app = app_on(tmp_path, url, url)
    assert not pair.is_read()
    assert state(pair)["message"] == "is no replica (any more): figures are read from the primary"


@contextmanager
def asking(pair: Pair) -> Iterator[list[tuple[int, int]]]:
    """Have four people ask for figures all the while; yields what they are answered: (status, events)."""
    answers: list[tuple[int, int]] = []
    done = Event()

    def ask() -> None:
        client = signed_in(pair.app, "ada@example.org")
        while not done.is_set():
            answer = client.get(STATS)
            answers.append((answer.status_code, answer.json.get("totalEvents", -1)))

    people = [Thread(target=ask) for _ in range(4)]
    for one in people:
        one.start()
    try:
        yield answers
    finally:
        done.set()
        for one in people:
            one.join(30)


@contextmanager
def in_the_middle(pair: Pair, delay: str) -> Iterator[list[bool]]:
    """Be in the middle of a reading that takes `delay` on the replica; yields where it is answered, once it is."""
    found: list[bool] = []

    def ask() -> None:
        with pair.app.app_context():
            found.append(where(delay))

    asking = Thread(target=ask)
    asking.start()
    running = (
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%THEN (SELECT%' AND pid <> pg_backend_pid()"
    )
    wait_until(lambda: pair.replica.run(running) == 1)
    yield found
    asking.join(30)
