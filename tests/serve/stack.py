"""The whole of production: `serve` with a real PostgreSQL and a real Redis, behind a real nginx."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from uuid import uuid4

import bcrypt
import psycopg2
from redis import Redis

from tests.servers.nginx import running_nginx
from tests.servers.postgresql import PostgreSQL
from tests.servers.processes import accepts_connections, free_port, wait_until
from tests.servers.wihy import Server, starting
from tests.tracking.captures import BROWSER
from wihy.live.switchboard import CHANNEL

ADMIN, PASSWORD = "ada@example.org", "the admin's password"
IP_HASH_SECRET = "another secret for production"
CAPTURE = "/api/tracking/capture"
THREADS = 8
CLIENT = "127.0.0.2"  # nginx is at 127.0.0.1

Answer = tuple[int, Mapping[str, str], bytes]


def ask(
    port: int, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """Return what `port` answers to a client at `CLIENT`: status, headers, body."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=15, source_address=(CLIENT, 0))) as client:
        content = None if body is None else json.dumps(body)
        client.request(method, path, content, {"Content-Type": "application/json", **(headers or {})})
        answer = client.getresponse()
        return answer.status, answer.headers, answer.read()


@dataclass
class Stack:
    """What runs: `server` is the supervisor, asked at `web`'s port; clients come to nginx, at `port`."""

    server: Server
    port: int
    live_port: int
    database_url: str
    redis_url: str

    def ask(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Return what nginx answers to a client at `CLIENT`: status, headers, body."""
        return ask(self.port, method, path, body, headers)

    def capture(self, headers: Mapping[str, str] | None = None, **fields: Any) -> tuple[int, str]:
        """Send a click; returns the status and the event's id."""
        body = {"referrer": "trailhead_weekly", "userAgent": BROWSER, **fields}
        status, _, content = self.ask("POST", CAPTURE, body, headers)
        return status, str(json.loads(content).get("eventId"))

    def token(self) -> str:
        """Sign the admin in."""
        credentials = {"email": ADMIN, "password": PASSWORD}
        status, _, content = self.ask("POST", "/api/auth/login", credentials)
        assert status == 200, content
        return str(json.loads(content)["token"])

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Return the rows of `statement`."""
        with closing(psycopg2.connect(self.database_url)) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def wait_for_subscription(self) -> None:
        """Return once `live` hears what `web` says: since its first socket."""
        with Redis.from_url(self.redis_url) as redis:
            wait_until(lambda: redis.pubsub_numsub(CHANNEL)[0][1] == 1, what="the subscription")


@contextmanager
def running_stack(
    folder: Path, postgresql: PostgreSQL, redis_url: str, *, with_nginx: bool = True, **environment: str
) -> Iterator[Stack]:
    """Start the whole for the length of the block, on a migrated database of its own."""
    name = f"serve_{uuid4().hex}"
    postgresql.run(f"CREATE DATABASE {name} TEMPLATE template STRATEGY file_copy")
    live_port, web_port = free_port(), free_port()
    with ExitStack() as parts:
        port = parts.enter_context(running_nginx(web_port, live_port)) if with_nginx else web_port
        start = parts.enter_context(starting(folder))
        server = start(
            "serve", **_settings(postgresql.url(name), redis_url, web_port, live_port, port) | environment
        )
        wait_until(lambda: accepts_connections(live_port), seconds=60, what="live")
        yield Stack(server, port, live_port, postgresql.url(name), redis_url)
        if server.process.poll() is None:
            server.stop()
    postgresql.run(f"DROP DATABASE {name} WITH (FORCE)")


def _settings(database_url: str, redis_url: str, web: int, live: int, port: int) -> dict[str, str]:
    return {
        "WIHY_ENV": "production",
        "JWT_SECRET": "a secret for production, long enough",
        "IP_HASH_SECRET": IP_HASH_SECRET,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "PORT": str(web),
        "LIVE_PORT": str(live),
        "PUBLIC_URL": f"http://localhost:{port}",
        "TRUSTED_PROXIES": "1",
        "WEB_WORKERS": "2",
        "THREADS": str(THREADS),
        "LIVE_SOCKETS": "50",
        "LOG_LEVEL": "WARNING",
        "RATE_LIMIT_CAPTURE": "0",
        "ADMIN_EMAIL": ADMIN,
        "ADMIN_PASSWORD_HASH": bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode(),
    }


def children(process: int) -> list[int]:
    """Return the processes that `process` started."""
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def servers(stack: Stack) -> dict[str, int]:
    """Return the process of each part, by its name."""
    named = {}
    for child in children(stack.server.process.pid):
        words = Path(f"/proc/{child}/cmdline").read_text()
        part = "live" if "gunicorn" in words else "web" if "wihy.serve.web" in words else "worker"
        named[part] = child
    return named


def is_running(process: int) -> bool:
    """Whether `process` runs (one that ended but was not asked for its exit code does not)."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
