"""What Prometheus reads: the figures that rooms keep of themselves, as text.

Rooms make their histograms and counters in `REGISTRY`. What must be consistent, or is known only when it is asked for,
is yielded by a function that the room registers. Several processes of one host share their figures through the folder
`PROMETHEUS_MULTIPROC_DIR`, which the start clears.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from flask import Flask, current_app
from prometheus_client import CollectorRegistry, disable_created_metrics, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from wihy.core.shared_counts import SHARED_FOLDER
from wihy.monitoring.health import register_part as register_part

disable_created_metrics()  # type: ignore[no-untyped-call]
REGISTRY = CollectorRegistry()
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Yields = Callable[[], Iterable[Metric]]


class _Asked(Collector):
    def __init__(self, yields: Yields) -> None:
        self._yields = yields

    def collect(self) -> Iterable[Metric]:
        return self._yields()


def register_figures(app: Flask, yields: Yields) -> None:
    """Have `yields` asked, in an application context, for figures of all processes of this host."""
    app.extensions.setdefault("figures", []).append(yields)


def exposition() -> bytes:
    """Return all figures of this host's processes in Prometheus' text format."""
    asked = CollectorRegistry()
    for yields in current_app.extensions.get("figures", ()):
        asked.register(_Asked(yields))
    return generate_latest(_kept()) + generate_latest(asked)


def clear_shared_folder() -> None:
    """Forget what processes of an earlier start counted."""
    if SHARED_FOLDER:
        for pattern in ("*.db", "*.counts"):
            for file in Path(SHARED_FOLDER).glob(pattern):
                file.unlink(missing_ok=True)


def _kept() -> CollectorRegistry:
    if not SHARED_FOLDER:
        return REGISTRY
    for process in _dead(Path(SHARED_FOLDER)):
        mark_process_dead(process, SHARED_FOLDER)  # type: ignore[no-untyped-call]
    shared = CollectorRegistry()
    MultiProcessCollector(shared, SHARED_FOLDER)  # type: ignore[no-untyped-call]
    return shared


def _dead(folder: Path) -> Iterator[int]:
    """Yield processes that ended but left gauges: those count only what lives."""
    for file in folder.glob("gauge_live*.db"):
        process = int(file.stem.rpartition("_")[2])
        try:
            with suppress(PermissionError):  # another user's, but alive
                os.kill(process, 0)
        except ProcessLookupError:
            yield process
