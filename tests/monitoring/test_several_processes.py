"""Several workers serve: whichever is asked tells the figures of all, also of those that died."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from uuid import uuid4

import pytest
from prometheus_client.parser import text_string_to_metric_families

from config import ROOT
from tests.conftest import BASE
from tests.servers.postgresql import PostgreSQL
from tests.servers.processes import accepts_connections, free_port, stop, wait_until
from tests.tracking.captures import BROWSER
from tests.tracking.test_capture import PATH

WORKERS = 2


@pytest.fixture
def address(postgresql: PostgreSQL, tmp_path: Path) -> Iterator[str]:
    """The address of a WIHY with two workers that respawns those that die."""
    name = f"workers_{uuid4().hex}"
    postgresql.run(f"CREATE DATABASE {name} TEMPLATE template STRATEGY file_copy")
    port = free_port()
    environment = {
        **BASE,
        "PATH": os.environ["PATH"],
        "DATABASE_URL": postgresql.url(name),
        "INSTANCE_PATH": str(tmp_path),
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "metrics"),
    }
    words = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", str(WORKERS)]
    words += ["--blocking-threads", "8", "--respawn-failed-workers", "--no-ws", "--log-level", "error"]
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "granian", *words, "wsgi:app"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
        )
    try:
        wait_until(lambda: accepts_connections(port), seconds=60, what="Granian")
        yield f"127.0.0.1:{port}"
    finally:
        stop(server)


def ask(address: str, method: str, path: str, body: str | None = None) -> str:
    """Return what is answered over a connection of its own."""
    with closing(HTTPConnection(address, timeout=20)) as connection:
        connection.request(method, path, body, {"Content-Type": "application/json"})
        return connection.getresponse().read().decode()


def totals(address: str) -> dict[str, float]:
    """Return the sum of each metric over its labels, as one of the workers tells it."""
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(ask(address, "GET", "/metrics")):
        for sample in family.samples:
            found[sample.name] = found.get(sample.name, 0) + sample.value
    return found


def is_balanced(found: dict[str, float]) -> bool:
    ends = ("stored_total", "duplicate_total", "rejected_total", "failed_total", "in_flight")
    return found["wihy_captures_received_total"] == sum(found[f"wihy_captures_{end}"] for end in ends)


def files(folder: Path) -> set[Path]:
    return set((folder / "metrics").glob("captures-*.counts"))


def send(address: str, count: int, referrer: str = "workers") -> None:
    """Send so many captures, each over a connection of its own: any worker may take it."""
    for _ in range(count):
        body = json.dumps({"referrer": referrer, "userAgent": BROWSER})
        ask(address, "POST", PATH, body)


def test_each_worker_tells_the_figures_of_all(address: str, tmp_path: Path) -> None:
    sent = 0

    def both_have_captured() -> bool:
        nonlocal sent
        send(address, 10)
        sent += 10
        return len(files(tmp_path)) >= WORKERS

    wait_until(both_have_captured, seconds=60, what="captures of both workers")
    send(address, 5, referrer="")
    for _ in range(10):
        found = totals(address)
        assert (found["wihy_captures_stored_total"], found["wihy_captures_rejected_total"]) == (sent, 5)
        assert is_balanced(found)
        assert found["wihy_live_connections"] == 0
        assert found["wihy_capture_queue_rows"] == 0


def test_what_a_dead_worker_counted_stays(address: str, tmp_path: Path) -> None:
    send(address, 20)
    for process in {
        int(file.stem.rpartition("_")[2]) for file in (tmp_path / "metrics").glob("histogram_*.db")
    }:
        os.kill(process, signal.SIGKILL)

    def is_back() -> bool:
        try:
            return totals(address)["wihy_captures_stored_total"] == 20
        except (OSError, HTTPException):
            return False

    wait_until(is_back, seconds=60, what="another worker")
    send(address, 5)
    found = totals(address)
    assert found["wihy_captures_stored_total"] == 25
    assert is_balanced(found)
