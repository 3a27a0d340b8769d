"""`serve` says in one clear line why it will not."""

import pytest

from tests.servers.postgresql import PostgreSQL
from tests.servers.processes import free_port
from tests.servers.wihy import Start

REDIS = "redis://127.0.0.1:6379/0"
SECONDS_TO_REFUSE = 90  # on a machine that does much else
NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"DATABASE_URL": NOWHERE}, "REDIS_URL"),
        ({"REDIS_URL": REDIS}, "DATABASE_URL=postgresql"),
        ({"REDIS_URL": REDIS, "DATABASE_URL": NOWHERE, "PORT": "8099", "LIVE_PORT": "8099"}, "LIVE_PORT"),
        ({"REDIS_URL": REDIS, "DATABASE_URL": NOWHERE, "WEB_WORKERS": "0"}, "WEB_WORKERS"),
        ({"REDIS_URL": REDIS, "DATABASE_URL": NOWHERE, "LIVE_PORT": "0"}, "LIVE_PORT"),
        ({"WIHY_PART": "live"}, "REDIS_URL"),
    ],
)
def test_what_it_needs_is_named(start: Start, environment: dict[str, str], words: str) -> None:
    refused = start("serve", wait=False, **environment)
    assert refused.process.wait(SECONDS_TO_REFUSE) == 1
    (line,) = refused.words.splitlines()
    assert words in line


def test_a_used_live_port_is_named(start: Start) -> None:
    other = start()
    refused = start("serve", wait=False, REDIS_URL=REDIS, DATABASE_URL=NOWHERE, LIVE_PORT=str(other.port))
    assert refused.process.wait(SECONDS_TO_REFUSE) == 1
    (line,) = refused.words.splitlines()
    assert line.startswith("Error: cannot listen on")
    assert "LIVE_PORT" in line


def test_a_lost_database_is_named(start: Start) -> None:
    live_port = str(free_port())
    refused = start("serve", wait=False, REDIS_URL=REDIS, DATABASE_URL=NOWHERE, LIVE_PORT=live_port)
    assert refused.process.wait(SECONDS_TO_REFUSE) == 1
    (line,) = refused.words.splitlines()
    assert "DATABASE_URL: the database cannot be used" in line


def test_a_part_may_run_alone(start: Start, postgresql: PostgreSQL, redis_url: str) -> None:
    postgresql.run("CREATE DATABASE serve_alone")
    web = start("serve", "web", DATABASE_URL=postgresql.url("serve_alone"), REDIS_URL=redis_url)
    assert web.ask("GET", "/socket.io/")[0] == 503
    assert f"web: 127.0.0.1:{web.port}" in web.words
    assert "live:" not in web.words
    web.stop()
    assert web.process.returncode == 0
