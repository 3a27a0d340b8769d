"""WIHY on several workers, as it runs at scale; any of them can be killed."""

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
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
        command += [
            "--port",
            str(self.port),
            "--workers",
            str(self.workers),
            "--no-ws",
            "--log-level",
            "error",
        ]
        command += ["--blocking-threads", str(THREADS), "--respawn-failed-workers", "wsgi:app"]
        variables = {**os.environ, **self.environment}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=log, stderr=log)
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
