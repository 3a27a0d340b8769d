"""Processor time of processes and all that they started, as Linux counts it (`proc(5)`)."""

import os
from collections.abc import Iterator
from pathlib import Path

from tests.servers.processes import children_of

TICKS = os.sysconf("SC_CLK_TCK")
USER, SYSTEM = 11, 12  # the fields behind the name, from 0


def seconds_of(process: int) -> float:
    """Return the seconds that `process` and its living descendants have used."""
    return sum(_seconds(pid) for pid in _family(process))


def _family(process: int) -> Iterator[int]:
    yield process
    for child in children_of(process):
        yield from _family(child)


def _seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:  # it ended meanwhile
        return 0
    return (int(fields[USER]) + int(fields[SYSTEM])) / TICKS
