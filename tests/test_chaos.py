"""Nothing acknowledged is lost or counted twice when the server, one of its workers or the database is killed.

The short form of `make chaos`.
"""

from dataclasses import astuple
from pathlib import Path

import pytest

from benchmarks.large import DURABLE, flask
from tests.chaos import Kind, chaos, verdict
from tests.servers.granian import Granian
from tests.servers.postgresql import running_postgresql
from tests.servers.processes import free_port

CLIENTS = 6


@pytest.mark.timeout(300)
def test_kill_everything_once(tmp_path: Path) -> None:
    with running_postgresql(**DURABLE) as postgresql:
        postgresql.run("CREATE DATABASE chaos")
        url = postgresql.url("chaos")
        environment = {"DATABASE_URL": url, "INSTANCE_PATH": str(tmp_path), "RATE_LIMIT_CAPTURE": "0"}
        flask(url, "migrate", **environment)
        server = Granian(free_port(), 2, environment, tmp_path / "log")
        try:
            server.start()
            with chaos(postgresql, server, CLIENTS) as running:
                rounds = [running.round(kind, at_least=50) for kind in Kind]
        finally:
            server.kill()
        assert all(one.failed for one in rounds if one.kind is not Kind.WORKER)
        assert not any(astuple(verdict(url, running.sent.acknowledged)))
        flask(url, "figures", "check", **environment)
