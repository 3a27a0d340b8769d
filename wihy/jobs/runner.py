"""Runs jobs: a thread or a process of its own takes them from the queue, and looks each minute for what is due.

The queue may lose a message, and two workers may look at the same time: whose turn it is stands in the database.
"""

import logging
import time
from collections.abc import Mapping
from functools import cached_property, partial
from threading import Event, Lock

from flask import Flask
from huey.api import Huey
from huey.consumer import Consumer
from prometheus_client import Counter, Histogram

from config import Settings
from wihy.core.database import transaction
from wihy.core.jobs import Job
from wihy.jobs import turns
from wihy.jobs.queue import open_queue
from wihy.monitoring.service import REGISTRY

THREADS = 2
LOOK_EVERY_SECONDS = 1.0  # into a file; Redis tells by itself, so that only one which is away is asked again
ASK_AGAIN_SECONDS = 10.0
TICK_CHECK_SECONDS = 20
ENOUGH_WAITING = 1000  # messages without a worker; the clock finds the work without them

SECONDS = Histogram(
    "wihy_job_seconds",
    "Time of a job, by its name.",
    ["job"],
    buckets=(0.01, 0.1, 0.5, 1, 5, 30, 60, 300, 1800),
    registry=REGISTRY,
)
FAILURES = Counter("wihy_job_failures", "Runs of a job that ended with an error.", ["job"], registry=REGISTRY)

logger = logging.getLogger(__name__)


class EmbeddedConsumer(Consumer):  # type: ignore[misc]
    """huey's consumer, which leaves the signals to the process it runs in."""

    def _set_signal_handlers(self) -> None:
        pass


class Runner:
    """The jobs of an application, and the worker of this process once it is started."""

    def __init__(self, app: Flask, settings: Settings, jobs: Mapping[str, Job]) -> None:
        self._app = app
        self._settings = settings
        self._jobs = jobs
        self._stopping = Event()
        self._consumer: EmbeddedConsumer | None = None

    @cached_property
    def queue(self) -> Huey:
        """The queue, which knows two messages: look what is due, and run a job."""
        queue = open_queue(self._app, self._settings)
        queue.periodic_task(lambda _moment: True, name="tick")(self._tick)
        self._run = queue.task(name="run")(self.run)
        queue.on_shutdown(name="close")(partial(_close, queue, Lock()))
        return queue

    def run_soon(self, name: str) -> None:
        """Have the job done within seconds; a queue that cannot be reached only means that the clock does it."""
        try:
            if self.queue.pending_count() < ENOUGH_WAITING:
                self._run(name, is_nudged=True)
        except Exception as error:  # whatever the queue is: sqlite3's, Redis', the system's
            logger.warning("%s must wait for the clock: %s", name, type(error).__name__)

    def is_stopping(self) -> bool:
        """Whether the worker of this process was asked to end."""
        return self._stopping.is_set()

    def start(self) -> None:
        """Work in threads of this process, until `stop`."""
        self._stopping.clear()
        pause = ASK_AGAIN_SECONDS if self._settings.redis_url else LOOK_EVERY_SECONDS
        self._consumer = EmbeddedConsumer(
            self.queue, workers=THREADS, max_delay=pause, scheduler_interval=TICK_CHECK_SECONDS
        )
        self._consumer.start()

    def stop(self, seconds: float) -> None:
        """Take no more jobs, and give those that run `seconds` to end; others are begun anew by another worker."""
        self._stopping.set()
        if self._consumer:
            self._consumer.shutdown_timeout = seconds
            self._consumer.stop(graceful=True)
            self._consumer = None

    def look_after(self) -> None:
        """Replace threads that died."""
        if self._consumer:
            self._consumer.check_worker_health()

    def run(self, name: str, *, is_nudged: bool = False) -> None:
        """Run a job if it is due, or nudged, in a context of its own; an error is logged and counted."""
        job = self._jobs.get(name)
        if job is None:  # a message of another version of us
            logger.warning("there is no job %r", name)
            return
        with self._app.app_context():
            if is_nudged:
                self._do(job)
                return
            with transaction():
                turn = turns.take(job)
            if turn:
                error = self._do(job)
                with transaction():
                    turns.give_back(job, turn, error)

    def _tick(self) -> None:
        with self._app.app_context(), transaction():
            turns.note_worker()
            due = turns.due(list(self._jobs.values()))
        for job in due:
            self._run(job.name)

    def _do(self, job: Job) -> str | None:
        """Do `job`; returns the class of the error it ended with."""
        began = time.monotonic()
        try:
            job.act()
        except Exception as error:  # the next run may go better
            logger.exception("the job %r failed", job.name)
            FAILURES.labels(job.name).inc()
            return type(error).__name__
        finally:
            SECONDS.labels(job.name).observe(time.monotonic() - began)
        return None


def _close(queue: Huey, turn: Lock) -> None:
    """Close the queue's storage, which each thread of huey's does at its end: two at once would close it twice."""
    with turn:
        queue.storage.close()
