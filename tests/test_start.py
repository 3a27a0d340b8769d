"""`flask --app wsgi start`, as an operator runs it: a real process, a real port, real signals."""

import re
import signal
from pathlib import Path
from uuid import uuid4

import bcrypt
import pytest

from tests.live.listener import listening
from tests.servers.postgresql import PostgreSQL
from tests.servers.wihy import Start

SECRETS = {"JWT_SECRET": "a secret for the start, long enough", "IP_HASH_SECRET": "another secret for it"}
SECONDS_TO_STOP = 6


def test_it_starts_tells_once_and_starts_again(start: Start) -> None:
    first = start()
    (password,) = re.findall(r"admin@localhost, password (\S+) ", first.words)
    assert f"http://localhost:{first.port}" in first.words
    assert first.sign_in("admin@localhost", password)[0] == 200
    status, _ = first.ask("POST", "/api/tracking/capture", {"referrer": "trailhead_weekly"})
    assert status == 201
    assert first.stop() < SECONDS_TO_STOP
    assert first.process.returncode == 0

    again = start()
    assert "password" not in again.words
    assert again.sign_in("admin@localhost", password)[0] == 200
    assert again.stop(signal.SIGINT) < SECONDS_TO_STOP


def test_a_closed_terminal_stops_it(start: Start) -> None:
    server = start()
    assert server.stop(signal.SIGHUP) < SECONDS_TO_STOP
    assert server.process.returncode == 0


def test_open_sockets_do_not_hold_up_the_end(start: Start) -> None:
    server = start()
    (password,) = re.findall(r"password (\S+) ", server.words)
    _, token = server.sign_in("admin@localhost", password)
    with listening(server.port, token=token) as page, listening(server.port, trackingId="trailhead_weekly"):
        server.ask(
            "POST", "/api/tracking/capture", {"referrer": "trailhead_weekly", "userAgent": "Firefox/145.0"}
        )
        page.next(3)
        assert server.stop() < SECONDS_TO_STOP
        assert page.is_closed()
    assert server.process.returncode == 0


def test_production_with_postgresql_and_redis(start: Start, postgresql: PostgreSQL, redis_url: str) -> None:
    name = f"start_{uuid4().hex}"
    postgresql.run(f"CREATE DATABASE {name}")
    password_hash = bcrypt.hashpw(b"the admin's password", bcrypt.gensalt(4)).decode()
    environment = {
        **SECRETS,
        "WIHY_ENV": "production",
        "DATABASE_URL": postgresql.url(name),
        "REDIS_URL": redis_url,
        "PUBLIC_URL": "https://links.example.org",
    }
    server = start(**environment)
    assert "https://links.example.org" in server.words
    assert "users create" in server.words
    assert "password" not in server.words
    assert server.stop() < SECONDS_TO_STOP

    server = start(**environment, ADMIN_EMAIL="boss@example.org", ADMIN_PASSWORD_HASH=password_hash)
    status, token = server.sign_in("boss@example.org", "the admin's password")
    assert status == 200
    with listening(server.port, token=token):
        assert server.stop() < SECONDS_TO_STOP
    assert "the admin's password" not in server.words


def test_a_used_port_is_one_clear_line(start: Start) -> None:
    server = start()
    other = start(wait=False, PORT=str(server.port))
    assert other.process.wait(30) == 1
    (line,) = other.words.splitlines()
    assert line.startswith("Error: cannot listen on")
    assert "PORT" in line


def test_a_lost_database_is_one_clear_line(start: Start) -> None:
    server = start(wait=False, DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
    assert server.process.wait(30) == 1
    (line,) = server.words.splitlines()
    assert line.startswith("Error: DATABASE_URL: the database cannot be used")


@pytest.mark.parametrize("command", [("migrate",), ("db", "upgrade")])
def test_operators_can_migrate_by_hand(start: Start, command: tuple[str, ...]) -> None:
    migrated = start(*command, wait=False)
    assert migrated.process.wait(30) == 0, migrated.words
    start().stop()


def test_the_demo_gives_everyone_a_way_in(start: Start, tmp_path: Path) -> None:
    server = start("demo", "start", "--events", "3000")
    assert (tmp_path / "instance" / "demo.sqlite").is_file()
    assert not (tmp_path / "instance" / "wihy.sqlite").exists()
    for email in ("nadia@demo.example", "jonas@demo.example"):
        (password,) = re.findall(rf"{email}\s+(\S+)", server.words)
        assert server.sign_in(email, password)[0] == 200
    assert re.search(rf"http://localhost:{server.port}/engagement/trailhead_weekly\?token=\S+", server.words)
    server.stop()
    again = start("demo", "start", "--events", "3000")
    assert "Loading" not in again.words
    assert re.findall(r"token=\S+", again.words) == re.findall(r"token=\S+", server.words)
