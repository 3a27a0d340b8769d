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
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass

import click

from benchmarks.large import DURABLE
from benchmarks.results import keep
from benchmarks.serving import Load, granian, load
from config import ROOT
from tests.servers.postgresql import running_postgresql
from tests.servers.redis import running_redis

WARM_UP_SECONDS = 3  # until every combination of texts is known
QUIET = {"LOG_LEVEL": "WARNING", "RATE_LIMIT_CAPTURE": "0"}


@dataclass(frozen=True)
class Variant:
    """What is measured: an application with settings, under one kind of load."""

    name: str
    target: str
    environment: Mapping[str, str]
    script: str = "capture.lua"
    events: int = 1


def variants(redis_url: str) -> list[Variant]:
    """Return what is compared; the first is the ceiling."""
    full = {"LOG_LEVEL": "INFO", "RATE_LIMIT_CAPTURE": "1000000", "REDIS_URL": redis_url}
    return [
        Variant("constant", "benchmarks.constant:app", {}),
        Variant("a commit for each", "wsgi:app", {**QUIET, "GROUP_COMMIT": "off"}),
        Variant("group commit", "wsgi:app", QUIET),
        Variant("full stack: Redis limiter, log line", "wsgi:app", full),
        Variant("batches of 100", "wsgi:app", QUIET, "batch.lua", 100),
    ]


@click.command()
@click.option("--connections", "-c", multiple=True, type=int, default=(8, 64))
@click.option("--rounds", default=3, show_default=True)
@click.option("--seconds", default=6, show_default=True)
@click.option("--workers", default=os.cpu_count(), show_default="one a processor")
def main(connections: tuple[int, ...], rounds: int, seconds: int, workers: int) -> None:
    """Measure and tell."""
    seen: dict[tuple[str, int], list[Load]] = {}
    with ExitStack() as stack:
        server = stack.enter_context(running_postgresql(**DURABLE))
        server.run("CREATE DATABASE capture")
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        base = {"DATABASE_URL": server.url("capture"), "INSTANCE_PATH": folder}
        key = prepare(base)
        compared = variants(stack.enter_context(running_redis()))
        for _ in range(rounds):
            for variant in compared:
                with granian(variant.target, workers, {**base, **variant.environment}) as port:
                    load(port, "batch.lua", 8, WARM_UP_SECONDS, key)
                    for count in connections:
                        run = load(port, variant.script, count, seconds, key)
                        seen.setdefault((variant.name, count), []).append(run)
    tell(compared, connections, seen)


def prepare(environment: Mapping[str, str]) -> str:
    """Make the tables and an API key; returns it."""
    flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
    variables = {**os.environ, **environment}
    subprocess.run([*flask, "migrate"], cwd=ROOT, env=variables, check=True, capture_output=True)
    made = subprocess.run(
        [*flask, "keys", "create", "benchmark", "--scope", "capture"],
        cwd=ROOT,
        env=variables,
        check=True,
        capture_output=True,
        text=True,
    )
    return next(word for word in made.stdout.split() if word.startswith("wihy_"))


def tell(
    compared: list[Variant], connections: tuple[int, ...], seen: Mapping[tuple[str, int], list[Load]]
) -> None:
    """Print the table and write the results."""
    rows = []
    click.echo(
        f"{'variant':38} {'conn.':>6} {'events/s':>10} {'of constant':>12} {'p99 ms':>8} {'failed':>7}"
    )
    for variant in compared:
        for count in connections:
            runs = seen[variant.name, count]
            ceiling = statistics.median(run.per_second for run in seen[compared[0].name, count])
            requests = statistics.median(run.per_second for run in runs)
            p99 = statistics.median(run.p99_seconds for run in runs) * 1000
            failed = sum(run.failed for run in runs)
            events = requests * variant.events
            click.echo(
                f"{variant.name:38} {count:6} {events:10,.0f} {requests / ceiling:12.2f} {p99:8.0f} {failed:7}"
            )
            rows.append(
                {"variant": variant.name, "connections": count, "runs": [asdict(run) for run in runs]}
            )
    keep("capture", rows)


if __name__ == "__main__":
    main()
