"""The books as Prometheus reads them: of all processes of this host together."""

import time
from collections.abc import Iterator

from flask import Flask
from prometheus_client import Histogram
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from wihy.core.shared_counts import Reading
from wihy.monitoring.service import REGISTRY, register_figures
from wihy.tracking.books import (
    DUPLICATE,
    FAILED,
    OLDEST_SINCE,
    RECEIVED,
    REJECTED,
    ROWS_WAITING,
    STORED,
    STORED_UNACKNOWLEDGED,
    Books,
)

PROCESS_DIED = "process_died"
PLAIN = {
    "received": (RECEIVED, "Events that arrived to be captured."),
    "stored": (STORED, "Events that were answered as stored."),
    "duplicate": (DUPLICATE, "Events that were answered as stored before."),
    "stored_unacknowledged": (STORED_UNACKNOWLEDGED, "Events that were stored after their answer was 503."),
}
BATCH = Histogram(
    "wihy_capture_batch_seconds",
    "Time of a batch of captures from its beginning to the end of its commit.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)


def register(app: Flask) -> None:
    """Keep books of what `app` captures, and show them."""
    app.extensions["books"] = books = Books()
    register_figures(app, lambda: figures_of(books))


def figures_of(books: Books) -> Iterator[Metric]:
    """Yield the figures of `books`, in every process each as of one moment."""
    readings = books.counts.read()
    for name, (number, meaning) in PLAIN.items():
        total = sum(reading.values[number] for reading in readings)
        yield CounterMetricFamily(f"wihy_captures_{name}", meaning, total)
    yield from _by_reason(readings)
    in_flight = sum(_open(reading) for reading in readings if reading.is_alive)
    yield GaugeMetricFamily("wihy_captures_in_flight", "Events not answered yet.", in_flight)
    living = [reading.values for reading in readings if reading.is_alive]
    waiting = sum(values[ROWS_WAITING] for values in living)
    yield GaugeMetricFamily("wihy_capture_queue_rows", "Events before the writer, or being written.", waiting)
    lag = max((_lag(values[OLDEST_SINCE]) for values in living), default=0)
    yield GaugeMetricFamily("wihy_capture_queue_lag_seconds", "How long the oldest of them has waited.", lag)


def _by_reason(readings: list[Reading]) -> Iterator[Metric]:
    rejected = CounterMetricFamily("wihy_captures_rejected", "Events that were refused.", labels=["reason"])
    for reason, number in REJECTED.items():
        rejected.add_metric([reason], sum(reading.values[number] for reading in readings))
    yield rejected
    failed = CounterMetricFamily(
        "wihy_captures_failed", "Events answered by a fault of ours.", labels=["reason"]
    )
    for reason, number in FAILED.items():
        failed.add_metric([reason], sum(reading.values[number] for reading in readings))
    failed.add_metric([PROCESS_DIED], sum(_open(reading) for reading in readings if not reading.is_alive))
    yield failed


def _open(reading: Reading) -> int:
    """Return how many events of a process have no answer: in flight or, where it died, lost."""
    ends = (STORED, DUPLICATE, *REJECTED.values(), *FAILED.values())
    return reading.values[RECEIVED] - sum(reading.values[number] for number in ends)


def _lag(since_milliseconds: int) -> float:
    return max(0.0, time.monotonic() - since_milliseconds / 1000) if since_milliseconds else 0
