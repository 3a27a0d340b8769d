"""How long a capture takes when so many come each second, whether or not the ones before were answered (open loop).

`make bench-steady`. A thousand kept-alive connections, the full stack (PostgreSQL, Redis limiter, log line, metrics).
A capture's time counts from the moment that it was due, so a server that stalls cannot hide it.
"""

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field

import click

from benchmarks.capture import prepare
from benchmarks.large import DURABLE
from benchmarks.results import keep
from benchmarks.serving import WORKER, granian
from tests.servers.postgresql import running_postgresql
from tests.servers.redis import running_redis

PARTNERS = 100
PATIENCE_SECONDS = 20
AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
)
FULL = {"LOG_LEVEL": "INFO", "RATE_LIMIT_CAPTURE": "1000000"}


@dataclass
class Run:
    """What a run saw: milliseconds of each answered capture, and how many had no 201."""

    milliseconds: list[float] = field(default_factory=list)
    failed: int = 0

    def percentile(self, number: int) -> float:
        """Return so many hundredths of the times lie below, in milliseconds."""
        return statistics.quantiles(self.milliseconds, n=100)[number - 1]


@click.command()
@click.option("--rate", "-r", multiple=True, type=int, default=(500, 1000), show_default=True)
@click.option("--connections", default=1000, show_default=True)
@click.option("--seconds", default=60, show_default=True)
@click.option("--workers", default=os.cpu_count(), show_default="one a processor")
def main(rate: tuple[int, ...], connections: int, seconds: int, workers: int) -> None:
    """Measure and tell."""
    with ExitStack() as stack:
        server = stack.enter_context(running_postgresql(**DURABLE))
        server.run("CREATE DATABASE capture")
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        environment = {**FULL, "DATABASE_URL": server.url("capture"), "INSTANCE_PATH": folder}
        environment["REDIS_URL"] = stack.enter_context(running_redis())
        prepare(environment)
        port = stack.enter_context(granian(WORKER, workers, environment)).port
        asyncio.run(send(port, rate[0], connections, 5))  # until every combination of texts is known
        runs = {one: asyncio.run(send(port, one, connections, seconds)) for one in rate}
    tell(runs)


async def send(port: int, rate: int, connections: int, seconds: int) -> Run:
    """Send `rate` captures a second over `connections` for `seconds`; each takes the connection idle longest."""
    run = Run()
    idle: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(connections):
        idle.put_nowait(await asyncio.open_connection("127.0.0.1", port))
    begin = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(rate * seconds):
            due = begin + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(_capture(number, due, idle, run))
    while not idle.empty():
        idle.get_nowait()[1].close()
    return run


async def _capture(
    number: int,
    due: float,
    idle: "asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]]",
    run: Run,
) -> None:
    reader, writer = connection = await idle.get()
    writer.write(_request(number))
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            status = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1]
            await reader.readuntil(b"}")
    except (TimeoutError, OSError, asyncio.IncompleteReadError):
        run.failed += 1
        return
    if status != b"201":
        run.failed += 1
    run.milliseconds.append((time.perf_counter() - due) * 1000)
    idle.put_nowait(connection)


def _request(number: int) -> bytes:
    body = f'{{"referrer":"p{number % PARTNERS}","campaign":"c{number % 3}","landingPage":"/l{number % 3}?x={number}"}}'
    head = f"POST /api/tracking/capture HTTP/1.1\r\nHost: localhost\r\nUser-Agent: {AGENT}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def tell(runs: Mapping[int, Run]) -> None:
    """Print the table and write the results."""
    click.echo(
        f"{'a second':>9} {'answered':>9} {'failed':>7} {'p50 ms':>7} {'p95 ms':>7} {'p99 ms':>7} {'most':>7}"
    )
    for rate, run in runs.items():
        times = [run.percentile(number) for number in (50, 95, 99)]
        told = " ".join(f"{time_:7.1f}" for time_ in (*times, max(run.milliseconds)))
        click.echo(f"{rate:9} {len(run.milliseconds):9,} {run.failed:7} {told}")
    keep(
        "steady",
        {rate: asdict(run) | {"milliseconds": sorted(run.milliseconds)[::100]} for rate, run in runs.items()},
    )


if __name__ == "__main__":
    main()
