"""Work by the clock: rooms say in their `jobs.py` what is to be done and how often; the room `jobs` does it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from flask import current_app

from wihy.core.database import after_commit


@dataclass(frozen=True, slots=True)
class Job:
    """Work to be done about `every` so often (minutes at least), by one worker at a time.

    `act` runs in an application context and opens its own transactions. Who does not end it within `lease` counts as
    dead, and another worker begins anew.
    """

    name: str
    every: timedelta
    act: Callable[[], object]
    lease: timedelta = timedelta(minutes=10)


class Worker(Protocol):
    """What does the jobs, somewhere."""

    def run_soon(self, name: str) -> None:
        """Have the job done within seconds, by any worker."""

    def is_stopping(self) -> bool:
        """Whether the worker of this process was asked to end."""


def nudge(name: str) -> None:
    """Have the job `name` done as soon as the open transaction is committed, whether or not it is time for it.

    A nudge may be lost, or come while the job runs: what must be done must also be found by the clock.
    """
    after_commit(lambda: _worker().run_soon(name))


def is_stopping() -> bool:
    """Whether long work should leave the rest for the next time."""
    return _worker().is_stopping()


def _worker() -> Worker:
    worker: Worker = current_app.extensions["jobs"]
    return worker
