"""WIHY as an operator runs it: a real process, a real port, real signals."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from uuid import uuid4

from config import ROOT
from tests.servers.processes import children_of, free_port, wait_until


@dataclass
class Server:
    """A started WIHY."""

    process: "subprocess.Popen[bytes]"
    port: int
    log: Path
    environment: dict[str, str]

    @property
    def words(self) -> str:
        """What the terminal shows."""
        return self.log.read_text()

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, object]]:
        """Return status and JSON of an answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            headers = {"Content-Type": "application/json"}
            connection.request(method, path, json.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def is_up(self) -> bool:
        """Whether it answers; raises when it ended."""
        assert self.process.poll() is None, self.words
        try:
            return self.ask("GET", "/readyz")[0] == 200
        except OSError:
            return False

    def sign_in(self, email: str, password: str) -> tuple[int, str]:
        """Return the status of a sign-in, and its token."""
        status, answer = self.ask("POST", "/api/auth/login", {"email": email, "password": password})
        return status, str(answer.get("token", ""))

    def kill_workers(self) -> None:
        """Kill the processes that this one started."""
        for child in children_of(self.process.pid):
            os.kill(child, signal.SIGKILL)

    def command(self, *words: str, **environment: str) -> int:
        """Run another command of the installation; returns its exit code."""
        variables = self.environment | environment
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *words],
            cwd=ROOT,
            env=variables,
            check=False,
            capture_output=True,
        )
        return done.returncode

    def stop(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Stop it; returns how many seconds that took."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(30)
        return time.monotonic() - began


Start = Callable[..., Server]


@contextmanager
def starting(folder: Path) -> Iterator[Start]:
    """Yield what starts WIHY with a given environment and waits until it serves; all of it is stopped at the end."""
    servers: list[Server] = []

    def begin(*command: str, wait: bool = True, **environment: str) -> Server:
        port = int(environment.get("PORT") or free_port())
        log = folder / f"{uuid4().hex}.log"
        variables = {
            "PATH": os.environ["PATH"],
            "PORT": str(port),
            "INSTANCE_PATH": str(folder / "instance"),
            "THREADS": "8",
            **environment,
        }
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "flask", "--app", "wsgi", *(command or ("start",))],
                cwd=ROOT,
                env=variables,
                stdout=output,
                stderr=output,
            )
        server = Server(process, port, log, variables)
        servers.append(server)
        if wait:
            wait_until(server.is_up, seconds=60, what="WIHY")
        return server

    try:
        yield begin
    finally:
        for server in servers:
            if server.process.poll() is None:
                server.process.kill()
                server.process.wait()
