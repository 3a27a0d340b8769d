"""Turns of this process: of all threads that want to do the same, one at a time does it."""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock


class OutOfPatience(Exception):
    """Others were at it for too long."""


@dataclass(slots=True)
class _Turn:
    """Whose turn it is; `wanted` counts who holds it or waits."""

    lock: Lock = field(default_factory=Lock)
    wanted: int = 0


class Turns:
    """The turns at any number of matters; of a matter that nobody wants nothing stays."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._turns: dict[Hashable, _Turn] = {}

    @property
    def wanted(self) -> int:
        """How many are at something, or wait for it."""
        with self._guard:
            return sum(turn.wanted for turn in self._turns.values())

    @contextmanager
    def at(self, matter: Hashable, seconds: float) -> Iterator[None]:
        """Let one at a time deal with `matter`; raises `OutOfPatience` after having waited for so long."""
        with self._guard:
            turn = self._turns.setdefault(matter, _Turn())
            turn.wanted += 1
        try:
            if not turn.lock.acquire(timeout=seconds):
                raise OutOfPatience
            try:
                yield
            finally:
                turn.lock.release()
        finally:
            with self._guard:
                turn.wanted -= 1
                if not turn.wanted:
                    del self._turns[matter]
