"""A server that is asked to stop answers what it took, stores what it answered, and ends in time."""

import json
import threading
from http.client import HTTPConnection, HTTPException
from uuid import UUID, uuid4

import pytest
from sqlalchemy import create_engine, text

from config import load_settings
from tests.servers.processes import wait_until
from tests.servers.wihy import Server, Start
from tests.tracking.captures import BROWSER
from tests.tracking.test_capture import PATH
from wihy.server import GRACEFUL_SECONDS

CLIENTS = 12
ENOUGH = 60
MARGIN_SECONDS = 5  # for two slow processors


class Client(threading.Thread):
    """Sends over one connection for as long as there is somebody to send to."""

    def __init__(self, server: Server, *, keeps: bool) -> None:
        super().__init__(daemon=True)
        self._server, self._keeps = server, keeps
        self.answered: set[str] = set()
        self.others: list[int] = []

    def run(self) -> None:
        """Send until nobody listens."""
        connection = HTTPConnection("127.0.0.1", self._server.port, timeout=20)
        while True:
            event_id = str(uuid4())
            try:
                status = self._send(connection, event_id)
            except (OSError, HTTPException):
                connection.close()
                if self._server.process.poll() is not None:
                    return
                threading.Event().wait(0.02)
                continue
            if status == 201:
                self.answered.add(event_id)
            else:
                self.others.append(status)

    def _send(self, connection: HTTPConnection, event_id: str) -> int:
        body = json.dumps({"referrer": "drain", "eventId": event_id, "userAgent": BROWSER})
        headers = {"Content-Type": "application/json"} | ({} if self._keeps else {"Connection": "close"})
        connection.request("POST", PATH, body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_stop_under_load(start: Start, kind: str, request: pytest.FixtureRequest) -> None:
    environment = {"RATE_LIMIT_CAPTURE": "0", "LOG_LEVEL": "ERROR"}
    if kind == "postgresql":
        server_of_data = request.getfixturevalue("postgresql")
        name = f"drain_{uuid4().hex}"
        server_of_data.run(f"CREATE DATABASE {name} TEMPLATE template STRATEGY file_copy")
        environment["DATABASE_URL"] = server_of_data.url(name)
    server = start(**environment)
    clients = [Client(server, keeps=number % 2 == 0) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    wait_until(lambda: sum(len(client.answered) for client in clients) >= ENOUGH, seconds=60, what="load")
    took = server.stop()
    for client in clients:
        client.join(30)
        assert not client.is_alive()
    answered = set().union(*(client.answered for client in clients))
    assert took < GRACEFUL_SECONDS + MARGIN_SECONDS
    assert server.process.returncode == 0
    assert [status for client in clients for status in client.others] == []
    assert ids_stored(server) == answered


def ids_stored(server: Server) -> set[str]:
    """Return the ids of all events in the database of `server`."""
    engine = create_engine(load_settings(server.environment).database_url)
    with engine.connect() as connection:
        found = {
            str(UUID(str(event_id)))
            for event_id in connection.scalars(text("SELECT id FROM tracking_events"))
        }
    engine.dispose()
    return found
