"""A download that cannot be finished is seen to be broken: a file that is short must not look whole."""

import signal
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPResponse, IncompleteRead

import pytest

from tests.conftest import PASSWORD
from tests.servers.postgresql import running_postgresql
from tests.servers.wihy import Server, Start
from wihy.accounts import passwords

EMAIL = "ada@example.org"
LINES = 60_000
EVENTS = f"""
INSERT INTO tracking_events (id, referrer, campaign, landing_page, event_type, timestamp, combination_id)
SELECT gen_random_uuid(), repeat('r', 200), repeat('c', 200), '/', 'inbound', '2026-01-01'::timestamptz + n * interval '1 s', 1
FROM generate_series(1, {LINES}) AS n
"""


@pytest.mark.parametrize("kind", ["csv", "ndjson"])
def test_a_lost_database_breaks_the_download(start: Start, kind: str) -> None:
    with running_postgresql() as database:
        server = start(
            DATABASE_URL=database.url(),
            ADMIN_EMAIL=EMAIL,
            ADMIN_PASSWORD_HASH=passwords.hash_password(PASSWORD),
            LOG_LEVEL="ERROR",
        )
        database.run(EVENTS)
        with begun(server, kind) as download:
            database.stop(signal.SIGKILL)
            with pytest.raises(IncompleteRead) as broken:
                download.read()
    assert 0 < broken.value.partial.count(b"\n") < LINES


@contextmanager
def begun(server: Server, kind: str) -> Iterator[HTTPResponse]:
    """Yield the answer to a download that is not read yet; small buffers keep the server from running ahead."""
    _, token = server.sign_in(EMAIL, PASSWORD)
    path, headers = f"/api/tracking/events?format={kind}", {"Authorization": f"Bearer {token}"}
    with socket.socket() as peer, closing(HTTPConnection("127.0.0.1", server.port)) as connection:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer.settimeout(30)
        peer.connect(("127.0.0.1", server.port))
        connection.sock = peer
        connection.request("GET", path, headers=headers)
        with connection.getresponse() as answer:
            assert answer.status == 200
            yield answer
