"""Applications on several workers of Granian, as `make serve` has them; any of the workers can be killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from config import ROOT
from tests.servers.processes import accepts_connections, children_of, kill_at_once, wait_until

THREADS = 16


def command(target: str, port: int, workers: int, *options: str) -> list[str]:
    """Return the words that serve `target` as `wihy/serve/web.py` does: by RSGI, unless `options` say otherwise."""
    words = ["-m", "granian", "--no-ws", "--log-level", "error", "--host", "127.0.0.1", "--port", str(port)]
    words += ["--workers", str(workers), "--backpressure", "1024", "--respawn-failed-workers"]
    return [sys.executable, *words, *(options or ("--interface", "rsgi", "--loop", "uvloop")), target]


@dataclass
class Granian:
    """A server of `workers` processes; one that dies is started again, as an operator would have it."""

    port: int
    workers: int
    environment: Mapping[str, str]
    log: Path
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it; returns when it accepts connections."""
        words = command("wihy.serve.worker:app", self.port, self.workers)
        variables = {**os.environ, "THREADS": str(THREADS), **self.environment}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(words, cwd=ROOT, env=variables, stdout=log, stderr=log)
        wait_until(lambda: accepts_connections(self.port), seconds=60, what="Granian")

    def kill(self) -> None:
        """Kill all of it at once, as a power cut would."""
        assert self.process is not None
        kill_at_once(self.process)

    def kill_a_worker(self) -> None:
        """Kill the oldest worker; the others go on.

        Of a worker that ends twice within seconds Granian takes it that all will, and gives up.
        """
        assert self.process is not None
        with suppress(ProcessLookupError):
            os.kill(children_of(self.process.pid)[0], signal.SIGKILL)
