"""Nothing acknowledged is lost or counted twice when the server dies in the middle of it.

The clients repeat what was not answered, with the same `eventId`, as the client script does.
"""

import signal
import threading
from collections.abc import Callable
from uuid import uuid4

import pytest

from tests.servers.wihy import Server, Start
from tests.tracking.test_capture import BROWSER, PATH

CLIENTS = 8
ROUNDS = 3
EVENTS_OF_A_CLIENT = 40


class Client(threading.Thread):
    """Sends its events one after the other until each is answered; a lost answer is asked for again."""

    def __init__(self, server: Callable[[], Server]) -> None:
        super().__init__(daemon=True)
        self._server = server
        self.acknowledged: list[str] = []

    def run(self) -> None:
        """Send until all are acknowledged."""
        for _ in range(EVENTS_OF_A_CLIENT):
            event_id = str(uuid4())
            while not self._is_acknowledged(event_id):
                threading.Event().wait(0.05)
            self.acknowledged.append(event_id)

    def _is_acknowledged(self, event_id: str) -> bool:
        body = {"referrer": "partner_john", "eventId": event_id, "userAgent": BROWSER}
        try:
            status, _ = self._server().ask("POST", PATH, body)
        except (OSError, ValueError, EOFError):
            return False
        except Exception as error:  # http.client tells a cut answer in several ways
            if type(error).__module__ == "http.client":
                return False
            raise
        return status in (200, 201)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_kill_in_the_middle(start: Start, kind: str, request: pytest.FixtureRequest) -> None:
    environment = {"RATE_LIMIT_CAPTURE": "0", "LOG_LEVEL": "ERROR"}
    if kind == "postgresql":
        server_of_data = request.getfixturevalue("postgresql")
        name = f"crash_{uuid4().hex}"
        server_of_data.run(f"CREATE DATABASE {name} TEMPLATE template STRATEGY file_copy")
        environment["DATABASE_URL"] = server_of_data.url(name)
    running = [start(**environment)]
    clients = [Client(lambda: running[-1]) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    for _ in range(ROUNDS):
        threading.Event().wait(0.4)
        kill_all(running[-1])
        running.append(start(**environment))
    for client in clients:
        client.join(120)
    acknowledged = {event_id for client in clients for event_id in client.acknowledged}
    assert len(acknowledged) == CLIENTS * EVENTS_OF_A_CLIENT
    _, engagement = running[-1].ask("GET", "/api/tracking/engagement/partner_john")
    assert engagement["totalClicks"] == len(acknowledged)
    assert running[-1].command("figures", "check", **environment) == 0


def kill_all(server: Server) -> None:
    """Kill the server and its worker at once, as a power cut would."""
    server.kill_workers()
    server.stop(signal.SIGKILL)
