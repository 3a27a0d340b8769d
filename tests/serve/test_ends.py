"""How it ends, asked to or not: nothing acknowledged is lost, nothing stays behind, what can go on goes on."""

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.live.listener import Listener, listening
from tests.serve.stack import Stack, children, is_running, running_stack, servers
from tests.servers.postgresql import PostgreSQL
from tests.servers.processes import accepts_connections, wait_until
from tests.servers.redis import running_redis

pytestmark = pytest.mark.xdist_group("production")

SECONDS_TO_STOP = 20  # the grace, and what a slow machine adds; who waits for ever takes longer
PATIENCE_SECONDS = 60
CLIENTS = 8


@pytest.fixture
def own_stack(tmp_path: Path, postgresql: PostgreSQL) -> Iterator[Stack]:
    """The whole behind nginx, to be stopped; other tests' listeners stay with their own Redis."""
    with running_redis() as redis_url, running_stack(tmp_path, postgresql, redis_url) as stack:
        yield stack


def all_processes(stack: Stack) -> list[int]:
    """Return the processes of `stack`: the supervisor, the servers, their workers."""
    found = [stack.server.process.pid]
    for process in found:
        found += children(process)
    return found


def nothing_is_left(stack: Stack, processes: list[int]) -> bool:
    """Whether all of `processes` ended and nobody listens any more."""
    ports = (stack.server.port, stack.live_port)
    return not any(map(is_running, processes)) and not any(map(accepts_connections, ports))


@contextmanager
def clients(stack: Stack) -> Iterator[list[str]]:
    """Have clients capture as fast as they can; yields the ids of what was acknowledged, as it grows."""
    acknowledged: list[str] = []
    is_over = threading.Event()

    def capture() -> None:
        while not is_over.is_set():
            try:
                status, event_id = stack.capture()
            except (OSError, HTTPException, ValueError):
                continue
            if status == 201:
                acknowledged.append(event_id)
            else:
                is_over.wait(0.05)

    threads = [threading.Thread(target=capture, daemon=True) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield acknowledged
    finally:
        is_over.set()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)


def test_sigterm_under_load_loses_nothing_acknowledged(own_stack: Stack) -> None:
    processes = all_processes(own_stack)
    folder = environment_of(processes[-1])["PROMETHEUS_MULTIPROC_DIR"]
    assert Path(folder).is_dir()
    with listening(own_stack.port, token=own_stack.token()) as page, clients(own_stack) as acknowledged:
        wait_until(lambda: len(acknowledged) > 50, seconds=PATIENCE_SECONDS, what="the load")
        assert own_stack.server.stop() < SECONDS_TO_STOP
        assert page.is_closed(PATIENCE_SECONDS)
    assert own_stack.server.process.returncode == 0
    stored = {event_id for (event_id,) in own_stack.query("SELECT id::text FROM tracking_events")}
    assert len(acknowledged) == len(set(acknowledged))
    assert set(acknowledged) <= stored
    assert nothing_is_left(own_stack, processes)
    assert not Path(folder).exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_the_terminal_stops_all_of_it(own_stack: Stack, number: signal.Signals) -> None:
    processes = all_processes(own_stack)
    with ExitStack() as stalled:  # at web itself, where half a body holds a thread
        for _ in range(4):
            connection = stalled.enter_context(socket.create_connection(("127.0.0.1", own_stack.server.port)))
            connection.sendall(b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx")
        assert own_stack.server.stop(number) < SECONDS_TO_STOP
    assert own_stack.server.process.returncode == 0
    assert nothing_is_left(own_stack, processes)


def test_a_worker_that_dies_is_replaced_and_pages_connect_again(own_stack: Stack) -> None:
    token = own_stack.token()
    parts = servers(own_stack)
    with listening(own_stack.port, token=token) as page:
        for worker in children(parts["live"]):
            os.kill(worker, signal.SIGKILL)
        assert page.is_closed(PATIENCE_SECONDS)
        assert own_stack.capture()[0] == 201  # web has not noticed
    with reconnected(own_stack, token) as page:
        own_stack.wait_for_subscription()
        own_stack.capture()
        assert page.next(PATIENCE_SECONDS)[0] == "tracking:captured"
    (worker, *_) = children(parts["web"])
    os.kill(worker, signal.SIGKILL)
    wait_until(
        lambda: len(children(parts["web"])) == 2 and worker not in children(parts["web"]),
        seconds=PATIENCE_SECONDS,
        what="the new worker",
    )
    wait_until(lambda: own_stack.capture()[0] == 201, seconds=PATIENCE_SECONDS, what="web")
    assert servers(own_stack) == parts


@contextmanager
def reconnected(stack: Stack, token: str) -> Iterator[Listener]:
    """Connect as a page does: again and again until it is let in."""
    with ExitStack() as connection:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                page = connection.enter_context(listening(stack.port, token=token))
                break
            except Exception:  # closed, refused, 503: whatever it is, the page tries again
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
        yield page


@pytest.mark.parametrize("part", ["web", "live", "worker"])
def test_a_server_that_dies_ends_all_of_it(own_stack: Stack, part: str) -> None:
    processes = all_processes(own_stack)
    os.kill(servers(own_stack)[part], signal.SIGKILL)
    assert own_stack.server.process.wait(PATIENCE_SECONDS) == 1
    assert f"{part} ended by itself" in own_stack.server.words
    wait_until(lambda: nothing_is_left(own_stack, processes), seconds=PATIENCE_SECONDS, what="the end of all")


def test_a_supervisor_that_is_killed_leaves_nothing_behind(own_stack: Stack) -> None:
    processes = all_processes(own_stack)
    own_stack.server.stop(signal.SIGKILL)
    wait_until(lambda: nothing_is_left(own_stack, processes), seconds=PATIENCE_SECONDS, what="the end of all")


def environment_of(process: int) -> dict[str, str]:
    """Return the environment that `process` was started with."""
    words = Path(f"/proc/{process}/environ").read_text().split("\0")
    return dict(word.split("=", 1) for word in words if word)
