"""A throw-away Redis."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.processes import (
    accepts_connections,
    find_program,
    free_port,
    start,
    stop,
    wait_until,
)


@contextmanager
def running_redis() -> Iterator[str]:
    """Start a Redis that keeps nothing for the length of the block; yields its address."""
    program = find_program("redis-server")
    with tempfile.TemporaryDirectory(prefix="wihy-redis-") as name:
        port = free_port()
        process = start(
            [
                program,
                "--port",
                str(port),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
            ],
            Path(name),
        )
        try:
            wait_until(lambda: accepts_connections(port), what="Redis")
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            stop(process)
