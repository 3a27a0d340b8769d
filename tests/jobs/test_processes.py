"""The worker as operators have it: a thread of `start`, or a process that a signal ends."""

import signal
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

import pytest

from tests.conftest import BASE
from tests.servers.processes import wait_until
from tests.servers.wihy import Start
from wihy.server import GRACEFUL_SECONDS

SECONDS_TO_STOP = GRACEFUL_SECONDS + 10  # and what a slow machine adds
SEEN = "SELECT 1 FROM job_runs WHERE name = 'worker' AND started_at IS NOT NULL"


def is_seen(file: Path) -> bool:
    """Whether a worker wrote down that it is there."""
    with closing(connect(file, timeout=10)) as connection:
        return connection.execute(SEEN).fetchone() is not None


def test_start_brings_its_own(start: Start, tmp_path: Path) -> None:
    server = start()
    wait_until(lambda: is_seen(tmp_path / "instance" / "wihy.sqlite"), what="the worker")
    assert server.stop() < SECONDS_TO_STOP


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_works_until_a_signal(
    start: Start, tmp_path: Path, sqlite_template: Path, number: signal.Signals
) -> None:
    file = tmp_path / "own.sqlite"
    file.write_bytes(sqlite_template.read_bytes())
    worker = start("worker", wait=False, **{**BASE, "DATABASE_URL": f"sqlite:///{file}"})
    wait_until(lambda: is_seen(file), seconds=60, what="the worker")
    assert worker.stop(number) < SECONDS_TO_STOP
    assert worker.process.returncode == 0, worker.words
    assert "Traceback" not in worker.words
