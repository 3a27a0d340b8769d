"""A throw-away PostgreSQL cluster."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from tests.servers.processes import (
    accepts_connections,
    find_program,
    free_port,
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
    """A running cluster on the loopback address, user `postgres`, no password."""

    port: int
    folder: Path
    process: "subprocess.Popen[bytes]"

    def url(self, database: str = "postgres") -> str:
        """Return the address of `database`."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def run(self, statement: str) -> None:
        """Run `statement` (trusted text) outside a transaction."""
        connection = psycopg2.connect(self.url())
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
        finally:
            connection.close()


@contextmanager
def running_postgresql(**options: str) -> Iterator[PostgreSQL]:
    """Start a cluster for the length of the block; `options` overrule its quick and careless settings."""
    initdb, postgres = (find_program(name, *FOLDERS) for name in ("initdb", "postgres"))
    with tempfile.TemporaryDirectory(prefix="wihy-pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        made = start(
            [
                initdb,
                "-D",
                str(folder / "data"),
                "-U",
                "postgres",
                "-A",
                "trust",
                "--no-sync",
                "-E",
                "UTF8",
            ],
            folder,
            user="postgres",
        )
        if made.wait(60):
            raise RuntimeError((folder / "log").read_text())
        port = free_port()
        settings = [f"--{key}={value}" for key, value in {**OPTIONS, **options}.items()]
        where = [
            "-D",
            str(folder / "data"),
            "-p",
            str(port),
            "-k",
            str(folder),
            "-h",
            "127.0.0.1",
        ]
        process = start([postgres, *where, *settings], folder, user="postgres")
        server = PostgreSQL(port, folder, process)
        try:
            wait_until(
                lambda: accepts_connections(port) and _answers(server),
                what="PostgreSQL",
            )
            yield server
        finally:
            stop(process)


def _answers(server: PostgreSQL) -> bool:
    try:
        server.run("SELECT 1")
    except psycopg2.OperationalError:
        return False
    return True
