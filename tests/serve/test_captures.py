"""Captures in the event loop: what one of them waits for holds up no other."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg2
import pytest

from tests.serve.stack import CAPTURE, THREADS, Stack
from tests.servers.processes import wait_until
from wihy.serve.gateway import THREADS_APART

pytestmark = pytest.mark.xdist_group("production")

WAITS_FOR_A_LOCK = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def test_a_refusal_that_cannot_be_remembered_yet_holds_up_nobody(stack: Stack) -> None:
    with closing(psycopg2.connect(stack.database_url)) as connection, ThreadPoolExecutor(4) as clients:
        connection.cursor().execute("LOCK TABLE capture_refusals")
        refused = [clients.submit(stack.ask, "POST", CAPTURE, {"referrer": ""}) for _ in range(4)]
        wait_until(lambda: stack.query(WAITS_FOR_A_LOCK) != [(0,)], what="a refusal that waits")
        assert [stack.capture()[0] for _ in range(20)] == [201] * 20  # both workers
        assert not any(one.done() for one in refused)
        connection.rollback()
        assert [one.result(30)[0] for one in refused] == [400] * 4


def test_a_flood_of_refusals_takes_no_thread_from_others(stack: Stack) -> None:
    flood = 3 * 2 * THREADS  # more than the threads of both workers
    with closing(psycopg2.connect(stack.database_url)) as connection, ThreadPoolExecutor(flood) as clients:
        connection.cursor().execute("LOCK TABLE capture_refusals")
        refused = [clients.submit(stack.ask, "POST", CAPTURE, {"referrer": ""}) for _ in range(flood)]
        wait_until(lambda: stack.query(WAITS_FOR_A_LOCK)[0][0] >= THREADS_APART, what="refusals that wait")
        assert [stack.ask("GET", "/healthz")[0] for _ in range(8)] == [200] * 8  # both workers
        assert not any(one.done() for one in refused)
        connection.rollback()
        assert [one.result(30)[0] for one in refused] == [400] * flood


def test_captures_at_once_are_all_answered_with_their_own(stack: Stack) -> None:
    ids = [f"01890000-0000-7000-8000-{number:012x}" for number in range(64)]
    with ThreadPoolExecutor(32) as clients:
        answers = list(clients.map(lambda id_: stack.capture(eventId=id_), ids))
        again = list(clients.map(lambda id_: stack.capture(eventId=id_), ids))
    assert answers == [(201, id_) for id_ in ids]
    assert again == [(200, id_) for id_ in ids]
