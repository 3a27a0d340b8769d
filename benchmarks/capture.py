"""How many captures a second: ours beside a bare Flask constant and beside a commit for each, on the same server.

`make bench-capture`. PostgreSQL is durable (`fsync`, `synchronous_commit`). The variants are measured in turns
(A B A B …) and told by their medians, for other work on the machine disturbs any single run. The load generator
shares the processors.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, dataclass

import click

from benchmarks.large import DURABLE
from benchmarks.results import keep
from benchmarks.serving import WORKER, Load, Served, granian, gunicorn, load
from config import ROOT
from tests.servers.postgresql import running_postgresql
from tests.servers.redis import running_redis

CONSTANT = "constant"
EMBEDDED_CONSTANT = "embedded: constant"
WARM_UP_SECONDS = 5  # until the texts that come often are known to each process
QUIET = {"LOG_LEVEL": "WARNING", "RATE_LIMIT_CAPTURE": "0"}


@dataclass(frozen=True)
class Variant:
    """What is measured: an application with settings, under one kind of load; `ceiling` names what it is told by."""

    name: str
    target: str
    environment: Mapping[str, str]
    script: str = "capture.lua"
    events: int = 1
    embedded: bool = False

    @property
    def ceiling(self) -> str:
        """The constant on the same server."""
        return EMBEDDED_CONSTANT if self.embedded else CONSTANT


def variants(redis_url: str, sqlite_url: str) -> list[Variant]:
    """Return what is compared."""
    full = {"LOG_LEVEL": "INFO", "RATE_LIMIT_CAPTURE": "1000000", "REDIS_URL": redis_url}
    sqlite = {**QUIET, "DATABASE_URL": sqlite_url}
    return [
        Variant(CONSTANT, "benchmarks.constant:app", {}),
        Variant("Flask-SQLAlchemy, no figures", "benchmarks.naive:app", {}),
        Variant("a commit for each", WORKER, {**QUIET, "GROUP_COMMIT": "off"}),
        Variant("group commit", WORKER, QUIET),
        Variant("full stack: Redis limiter, log line", WORKER, full),
        Variant("batches of 100", WORKER, QUIET, "batch.lua", 100),
        Variant(EMBEDDED_CONSTANT, "benchmarks.constant:app", sqlite, embedded=True),
        Variant("embedded: SQLite", "wsgi:app", sqlite, embedded=True),
        Variant("embedded: batches of 100", "wsgi:app", sqlite, "batch.lua", 100, embedded=True),
    ]


@click.command()
@click.option("--connections", "-c", multiple=True, type=int, default=(8, 64), show_default=True)
@click.option(
    "--only", "-o", multiple=True, help="Only variants whose name contains this; the constants stay."
)
@click.option("--rounds", default=3, show_default=True)
@click.option("--seconds", default=6, show_default=True)
@click.option("--workers", default=os.cpu_count(), show_default="one a processor")
def main(
    connections: tuple[int, ...], only: tuple[str, ...], rounds: int, seconds: int, workers: int
) -> None:
    """Measure and tell."""
    seen: dict[tuple[str, int], list[Load]] = {}
    with ExitStack() as stack:
        server = stack.enter_context(running_postgresql(**DURABLE))
        server.run("CREATE DATABASE capture")
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        base = {"DATABASE_URL": server.url("capture"), "INSTANCE_PATH": folder}
        sqlite_url = f"sqlite:///{folder}/capture.sqlite"
        keys = {True: prepare({**base, "DATABASE_URL": sqlite_url}), False: prepare(base)}
        run_flask(base, "benchmarks.naive:app", "prepare")
        redis_url = stack.enter_context(running_redis())
        compared = [one for one in variants(redis_url, sqlite_url) if _is_wanted(one, only)]
        database = server.process.pid if server.process else None
        for _ in range(rounds):
            for variant in compared:
                with served_as(variant, workers, {**base, **variant.environment}) as served:
                    key = keys[variant.embedded]
                    load(served, variant.script, 64, WARM_UP_SECONDS, key)
                    for count in connections:
                        run = load(served, variant.script, count, seconds, key, database)
                        seen.setdefault((variant.name, count), []).append(run)
    tell(compared, connections, seen)


def _is_wanted(variant: Variant, only: tuple[str, ...]) -> bool:
    is_constant = variant.name in (CONSTANT, EMBEDDED_CONSTANT)
    return is_constant or not only or any(part in variant.name for part in only)


def served_as(
    variant: Variant, workers: int, environment: Mapping[str, str]
) -> AbstractContextManager[Served]:
    """Return the server of `variant`, to be entered."""
    if variant.embedded:
        return gunicorn(variant.target, environment)
    return granian(variant.target, workers, environment)


def prepare(environment: Mapping[str, str]) -> str:
    """Make the tables and an API key; returns it."""
    run_flask(environment, "wsgi", "migrate")
    made = run_flask(environment, "wsgi", "keys", "create", "benchmark", "--scope", "capture")
    return next(word for word in made.split() if word.startswith("wihy_"))


def run_flask(environment: Mapping[str, str], application: str, *words: str) -> str:
    """Run a command of `application`; returns what it printed."""
    command = [sys.executable, "-m", "flask", "--app", application, *words]
    variables = {**os.environ, **environment}
    return subprocess.run(command, cwd=ROOT, env=variables, check=True, capture_output=True, text=True).stdout


def tell(
    compared: list[Variant], connections: tuple[int, ...], seen: Mapping[tuple[str, int], list[Load]]
) -> None:
    """Print the table and write the results."""
    rows = []
    click.echo(
        f"{'variant':36} {'conn.':>6} {'events/s':>9} {'of constant':>12} {'p99 ms':>7} {'server us':>10} "
        f"{'database us':>12} {'failed':>7}"
    )
    for variant in compared:
        for count in connections:
            runs = seen[variant.name, count]
            ceiling = _median(run.per_second for run in seen[variant.ceiling, count])
            requests = _median(run.per_second for run in runs)
            server, database = (
                _median(getattr(run, name) for run in runs) * 1e6 / variant.events
                for name in ("server_seconds", "database_seconds")
            )
            click.echo(
                f"{variant.name:36} {count:6} {requests * variant.events:9,.0f} {requests / ceiling:12.2f} "
                f"{_median(run.p99_seconds for run in runs) * 1000:7.0f} {server:10.0f} {database:12.0f} "
                f"{sum(run.failed for run in runs):7}"
            )
            rows.append(
                {"variant": variant.name, "connections": count, "runs": [asdict(run) for run in runs]}
            )
    keep("capture", rows)


def _median(values: Iterable[float]) -> float:
    return statistics.median(values)


if __name__ == "__main__":
    main()
