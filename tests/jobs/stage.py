"""Jobs of the tests' own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event

from flask import Flask

from wihy.core.jobs import Job
from wihy.jobs.runner import Runner

Act = Callable[[], object]


def a_job(act: Act, every: timedelta = timedelta(hours=1), name: str = "test") -> Job:
    """Return a job that does `act`."""
    return Job(name, every, act)


def give_jobs(app: Flask, *jobs: Job) -> Runner:
    """Give `app` these jobs in place of its own."""
    runner = app.extensions["jobs"] = Runner(app, app.extensions["settings"], {job.name: job for job in jobs})
    return runner


@contextmanager
def working(runner: Runner) -> Iterator[Runner]:
    """Let a worker of this process work for the length of the block."""
    runner.start()
    try:
        yield runner
    finally:
        runner.stop(20)


def happened(event: Event) -> bool:
    """Whether `event` came, in a time that suffices everywhere."""
    return event.wait(20)
