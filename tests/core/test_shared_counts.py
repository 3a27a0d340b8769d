"""Counts move together, and other processes never see half of a change."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from config import ROOT
from tests.servers.processes import wait_until
from wihy.core import shared_counts
from wihy.core.shared_counts import SharedCounts

WRITER = """
from wihy.core.shared_counts import SharedCounts
counts = SharedCounts("test", 4)
while True:
    counts.add((1, 3), (2, 1), (3, 2))
    sum(range(200))  # what a process does between two captures takes longer
"""


def test_a_process_alone_shares_nothing() -> None:
    first, second = SharedCounts("test", 3), SharedCounts("test", 3)
    first.add((1, 5))
    first.put(2, 7)
    first.put(2, 9)
    assert first.own()[1:] == (5, 9)
    assert [reading.values[1:] for reading in second.read()] == [(0, 0)]


def test_a_fork_begins_at_zero() -> None:
    counts = SharedCounts("test", 2)
    counts.add((1, 5))
    child = os.fork()
    if child == 0:
        counts.add((1, 2))
        os._exit(counts.own()[1])
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 2
    assert counts.own()[1] == 5


def test_others_read_whole_changes_also_of_the_dead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {"PATH": os.environ["PATH"], "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    writer = subprocess.Popen([sys.executable, "-c", WRITER], cwd=ROOT, env=environment)
    monkeypatch.setattr(shared_counts, "SHARED_FOLDER", str(tmp_path))
    counts = SharedCounts("test", 4)
    try:
        wait_until(lambda: any(reading.values[1] for reading in counts.read()), what="the other process")
        for _ in range(2_000):
            for reading in counts.read():
                assert reading.is_alive
                assert reading.values[1] == reading.values[2] + reading.values[3]
    finally:
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    [dead] = [reading for reading in counts.read() if not reading.is_alive]
    assert dead.values[1] > 0
