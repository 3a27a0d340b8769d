"""Servers under measurement, and the load on them."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from benchmarks.processor import seconds_of
from config import ROOT, load_settings
from tests.servers.granian import command
from tests.servers.processes import find_program, free_port, stop, wait_until
from wihy.server import arguments

SCRIPTS = Path(__file__).parent / "wrk"
OURS = "wsgi:app"
WORKER = "wihy.serve.worker:app"
THREADS = 64
SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0}


@dataclass(frozen=True)
class Load:
    """What a load run saw: requests per second, the 99th percentile in seconds, answers that were no success.

    And the processor time of the server and of the database for each request, in seconds.
    """

    per_second: float
    p99_seconds: float
    failed: int
    server_seconds: float
    database_seconds: float


@dataclass(frozen=True)
class Served:
    """A server that runs: where, and its first process."""

    port: int
    process: int


@contextmanager
def granian(target: str, workers: int, environment: Mapping[str, str]) -> Iterator[Served]:
    """Serve `target` with `workers` processes for the block's length: ours as `make serve` does, others by WSGI."""
    port = free_port()
    words = command(target, port, workers)
    if target != WORKER:
        words = command(target, port, workers, "--interface", "wsgi", "--blocking-threads", str(THREADS))
    with _running(words, port, {"THREADS": str(THREADS), **environment}) as served:
        yield served


@contextmanager
def gunicorn(target: str, environment: Mapping[str, str]) -> Iterator[Served]:
    """Serve `target` as `make run` does; another application than ours without the hooks that are for ours."""
    port = free_port()
    settings = load_settings({**environment, "PORT": str(port), "HOST": "127.0.0.1"})
    words = [word for word in arguments(settings)[:-1] if target == OURS or not word.startswith("--config")]
    with _running([sys.executable, "-m", "gunicorn", *words, target], port, environment) as served:
        yield served


@contextmanager
def _running(words: Sequence[str], port: int, environment: Mapping[str, str]) -> Iterator[Served]:
    variables = {**os.environ, **environment, "PUBLIC_URL": f"http://127.0.0.1:{port}"}
    process = subprocess.Popen(
        words,
        cwd=ROOT,
        env=variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: _answers(port), seconds=60, what=words[-1])
        yield Served(port, process.pid)
    finally:
        stop(process)


def _answers(port: int) -> bool:
    """Whether an application is there: a server listens before its workers have loaded it."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status > 0
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def load(
    served: Served, script: str, connections: int, seconds: int, key: str = "", database: int | None = None
) -> Load:
    """Send what `script` says over `connections` for `seconds`, as fast as it is answered.

    `database` is the first process of the database, where its processor time is wanted.
    """
    command = [find_program("wrk"), "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    command += ["--timeout", "20s", "-s", str(SCRIPTS / script), f"http://127.0.0.1:{served.port}"]
    before = _used(served, database)
    said = subprocess.run(
        command, check=True, capture_output=True, text=True, env={**os.environ, "KEY": key}
    ).stdout
    after = _used(served, database)
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    requests = int(_found(r"(\d+) requests in", said)[1])
    return Load(
        per_second=float(_found(r"Requests/sec:\s+([\d.]+)", said)[1]),
        p99_seconds=_seconds(_found(r"\n\s+99%\s+([\d.]+)(us|ms|s)", said)),
        failed=int(failed[1]) if failed else 0,
        server_seconds=(after[0] - before[0]) / requests,
        database_seconds=(after[1] - before[1]) / requests,
    )


def _used(served: Served, database: int | None) -> tuple[float, float]:
    return seconds_of(served.process), seconds_of(database) if database else 0


def _found(pattern: str, text: str) -> re.Match[str]:
    found = re.search(pattern, text)
    if found is None:
        raise ValueError(text)
    return found


def _seconds(found: re.Match[str]) -> float:
    return float(found[1]) * SECONDS[found[2]]
