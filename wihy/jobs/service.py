"""The worker of an application: who runs it, whether it is seen, how far behind it is."""

import os
import signal
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from queue import Empty, SimpleQueue

from flask import Flask, current_app
from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from config import Settings
from wihy.core import clock
from wihy.core.jobs import Job
from wihy.jobs import turns
from wihy.jobs.runner import Runner
from wihy.monitoring.service import register_figures, register_part
from wihy.server import GRACEFUL_SECONDS, SUPERVISOR, end_with

UNSEEN_FOR = timedelta(minutes=3)
STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
HEALTH_EVERY_SECONDS = 10


def register(app: Flask, settings: Settings, jobs: Mapping[str, Job]) -> None:
    """Give `app` its `jobs`; whoever serves, or the command `worker`, starts the work."""
    app.extensions["jobs"] = Runner(app, settings, jobs)
    app.extensions["made_at"] = time.monotonic()
    register_figures(app, _figures)


def work() -> None:
    """Do the jobs of the current application until a signal comes."""
    runner: Runner = current_app.extensions["jobs"]
    signals: SimpleQueue[int] = SimpleQueue()  # the one queue a signal handler may put into
    for number in STOPPING:
        signal.signal(number, lambda number, _: signals.put(number))
    if SUPERVISOR in os.environ:
        end_with(int(os.environ[SUPERVISOR]))
    runner.start()
    while True:
        try:
            signals.get(timeout=HEALTH_EVERY_SECONDS)
            break
        except Empty:
            runner.look_after()
    runner.stop(GRACEFUL_SECONDS)


def _check_worker() -> str | None:
    """Without a worker nothing is lost, but mails and clean-ups wait."""
    seen_at = turns.last_seen()
    if seen_at is None:
        is_new = time.monotonic() - current_app.extensions["made_at"] < UNSEEN_FOR.total_seconds()
        return None if is_new else "was never seen: mails and clean-ups wait"
    if clock.now() - seen_at > UNSEEN_FOR:
        return f"was last seen at {clock.to_text(seen_at)}: mails and clean-ups wait"
    return None


def _figures() -> Iterator[Metric]:
    runner: Runner = current_app.extensions["jobs"]
    try:
        waiting, seen_at = runner.queue.pending_count(), turns.last_seen()
    except Exception:  # what cannot be asked now is not told; /readyz says why
        return
    yield GaugeMetricFamily("wihy_job_queue_length", "Messages that wait for a worker.", waiting)
    if seen_at:
        silent = max(0.0, (clock.now() - seen_at).total_seconds())
        yield GaugeMetricFamily("wihy_worker_silent_seconds", "How long no worker was seen.", silent)


register_part("worker", _check_worker)
