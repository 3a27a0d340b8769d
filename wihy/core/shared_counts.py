"""Counts of one process that every process of the host can read, all of them as of one moment.

A process that serves alone keeps them in memory. Where several serve together, `PROMETHEUS_MULTIPROC_DIR` names the
folder that prometheus-client shares its figures in, and each process keeps these in a file of its own there. What a
process counted stays after its end, until the next start clears the folder.
"""

import fcntl
import mmap
import os
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import NamedTuple
from uuid import uuid4
from weakref import WeakSet

SHARED_FOLDER = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
BYTES = 8
VERSION = 0  # odd while counts change, so that other processes never read half of a change
READS = 100_000

if SHARED_FOLDER:
    Path(SHARED_FOLDER).mkdir(parents=True, exist_ok=True)


class Reading(NamedTuple):
    """The counts of one process at one moment, and whether it still runs."""

    values: tuple[int, ...]
    is_alive: bool


class SharedCounts:
    """So many counts under one lock; other processes find those of the same `name`. Count 0 is not for use."""

    def __init__(self, name: str, size: int) -> None:
        self._name = name
        self._size = size
        self.begin()
        _all.add(self)

    def add(self, *changes: tuple[int, int]) -> None:
        """Add to counts, by (number, amount): all at once for who reads."""
        with self._lock:
            cells = self._cells or self._open()
            cells[VERSION] += 1
            for number, amount in changes:
                cells[number] += amount
            cells[VERSION] += 1

    def put(self, number: int, value: int) -> None:
        """Let a count be `value`."""
        self.add((number, value - self.own()[number]))

    def own(self) -> tuple[int, ...]:
        """Return this process's counts."""
        with self._lock:
            return tuple(self._cells or self._open())

    def read(self) -> list[Reading]:
        """Return the counts of every process, each as of one moment."""
        own = self.own()
        return [*_others(self._name)] if SHARED_FOLDER else [Reading(own, is_alive=True)]

    def begin(self) -> None:
        """Start at zero."""
        self._lock = Lock()
        self._cells: memoryview | None = None

    def _open(self) -> memoryview:
        memory = bytearray(self._size * BYTES) if SHARED_FOLDER is None else self._share(SHARED_FOLDER)
        self._cells = memoryview(memory).cast("q")
        return self._cells

    def _share(self, folder: str) -> mmap.mmap:
        path = Path(folder, f"{self._name}-{uuid4().hex}.new")
        with path.open("xb+") as file:
            file.truncate(self._size * BYTES)
            fcntl.flock(file, fcntl.LOCK_EX)  # the system opens it when this process ends, however it does
            path.rename(path.with_suffix(".counts"))  # others find it when all of this is done
            return mmap.mmap(file.fileno(), self._size * BYTES)  # keeps the file, and with it the lock


_all: "WeakSet[SharedCounts]" = WeakSet()


def _begin_all() -> None:
    """Start at zero in a new process: what its parent counted is the parent's."""
    for counts in _all:
        counts.begin()


os.register_at_fork(after_in_child=_begin_all)


def _others(name: str) -> Iterator[Reading]:
    for path in Path(str(SHARED_FOLDER)).glob(f"{name}-*.counts"):
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                is_alive = False
            except BlockingIOError:
                is_alive = True
            yield Reading(_undisturbed(file.fileno(), READS if is_alive else 1), is_alive)


def _undisturbed(file: int, tries: int) -> tuple[int, ...]:
    """Return what `file` holds between two changes; a killed process may have left half of its last one."""
    with mmap.mmap(file, 0, access=mmap.ACCESS_READ) as shared:
        for _ in range(tries):
            before, values, after = shared[:BYTES], memoryview(shared[:]).cast("q"), shared[:BYTES]
            if before == after and values[VERSION] % 2 == 0:
                break
    return tuple(values)
