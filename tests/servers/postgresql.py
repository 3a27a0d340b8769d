"""Throw-away PostgreSQL clusters: a primary, and a replica that streams from it."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg2

from tests.servers.processes import (
    accepts_connections,
    find_program,
    free_port,
    kill_at_once,
    start,
    stop,
    wait_until,
)

FOLDERS = [str(folder / "bin") for folder in sorted(Path("/usr/lib/postgresql").glob("*"), reverse=True)]
OPTIONS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "200",
}


@dataclass
class PostgreSQL:
    """A cluster on the loopback address, user `postgres`, no password."""

    folder: Path
    options: Mapping[str, str]
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    def url(self, database: str = "postgres") -> str:
        """Return the address of `database`."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def run(self, statement: str, database: str = "postgres") -> Any:
        """Run `statement` (trusted text) outside a transaction; returns the first value it gives, if any."""
        connection = psycopg2.connect(self.url(database))
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchone()[0] if cursor.description and cursor.rowcount else None
        finally:
            connection.close()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        where = ["-D", f"{self.folder}/data", "-p", str(self.port), "-k", str(self.folder), "-h", "127.0.0.1"]
        settings = [f"--{key}={value}" for key, value in {**OPTIONS, **self.options}.items()]
        self.process = start(
            [find_program("postgres", *FOLDERS), *where, *settings], self.folder, user="postgres"
        )
        wait_until(lambda: accepts_connections(self.port) and self._answers(), seconds=60, what="PostgreSQL")

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        """End it: clients are cut off (SIGINT), or it is killed with all they do (SIGKILL)."""
        if self.process:
            self.process.send_signal(number)
            self.process.wait(20)

    def kill(self) -> None:
        """Kill it and all its processes at once: it has no moment to write anything. `start` recovers."""
        assert self.process
        kill_at_once(self.process)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Keep it from doing anything for the length of the block, while its connections stay open."""
        assert self.process
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        pids = [self.process.pid]
        os.kill(self.process.pid, signal.SIGSTOP)
        pids += [int(pid) for pid in children.read_text().split()]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def _answers(self) -> bool:
        try:
            self.run("SELECT 1")
        except psycopg2.OperationalError:
            return False
        return True


@contextmanager
def running_postgresql(kept: Path | None = None, **options: str) -> Iterator[PostgreSQL]:
    """Start a cluster for the length of the block; `options` overrule its quick and careless settings.

    Its files are thrown away, unless they are `kept` in a folder, where the next one finds them.
    """
    words = ["-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8"]
    with _running("initdb", words, options, kept) as server:
        yield server


@contextmanager
def running_replica(primary: PostgreSQL, **options: str) -> Iterator[PostgreSQL]:
    """Start a replica that streams from `primary`, for the length of the block."""
    words = ["-d", primary.url(), "--write-recovery-conf", "--checkpoint=fast", "--no-sync"]
    with _running("pg_basebackup", words, options) as server:
        yield server


@contextmanager
def _running(
    maker: str, words: list[str], options: Mapping[str, str], kept: Path | None = None
) -> Iterator[PostgreSQL]:
    program = find_program(maker, *FOLDERS)
    with ExitStack() as stack:
        folder = kept or Path(
            stack.enter_context(TemporaryDirectory(prefix="wihy-pg-", ignore_cleanup_errors=True))
        )
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        if not (folder / "data").exists():
            made = start([program, "-D", f"{folder}/data", *words], folder, user="postgres")
            if made.wait(60):
                raise RuntimeError((folder / "log").read_text())
        server = PostgreSQL(folder, options)
        try:
            server.start()
            yield server
        finally:
            if server.process:
                stop(server.process)
