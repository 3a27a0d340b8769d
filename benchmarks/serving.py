"""Servers under measurement, and the load on them."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config import ROOT
from tests.servers.processes import accepts_connections, find_program, free_port, stop, wait_until

SCRIPTS = Path(__file__).parent / "wrk"
THREADS = 64
SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0}


@dataclass(frozen=True)
class Load:
    """What a load run saw: requests per second, the 99th percentile in seconds, answers that were no success."""

    per_second: float
    p99_seconds: float
    failed: int


@contextmanager
def granian(target: str, workers: int, environment: Mapping[str, str]) -> Iterator[int]:
    """Serve the WSGI application `target` with `workers` processes for the length of the block; yields the port."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    command += [
        "--workers",
        str(workers),
        "--blocking-threads",
        str(THREADS),
        "--no-ws",
        "--log-level",
        "error",
    ]
    variables = {**os.environ, **environment, "PUBLIC_URL": f"http://127.0.0.1:{port}"}
    process = subprocess.Popen(
        [*command, target], cwd=ROOT, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: accepts_connections(port), what=target)
        yield port
    finally:
        stop(process)


def load(port: int, script: str, connections: int, seconds: int, key: str = "") -> Load:
    """Send what `script` says over `connections` for `seconds`, as fast as it is answered."""
    command = [
        find_program("wrk"),
        "-t1",
        f"-c{connections}",
        f"-d{seconds}s",
        "--latency",
        "--timeout",
        "20s",
    ]
    address = f"http://127.0.0.1:{port}"
    said = subprocess.run(
        [*command, "-s", str(SCRIPTS / script), address],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "KEY": key},
    ).stdout
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    return Load(
        per_second=float(_found(r"Requests/sec:\s+([\d.]+)", said)[1]),
        p99_seconds=_seconds(_found(r"\n\s+99%\s+([\d.]+)(us|ms|s)", said)),
        failed=int(failed[1]) if failed else 0,
    )


def _found(pattern: str, text: str) -> re.Match[str]:
    found = re.search(pattern, text)
    if found is None:
        raise ValueError(text)
    return found


def _seconds(found: re.Match[str]) -> float:
    return float(found[1]) * SECONDS[found[2]]
