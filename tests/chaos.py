"""Chaos: clients that capture without pause while servers are killed under them.

A client repeats what was not answered, with the same `eventId`, as the client script does.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http.client import HTTPConnection, HTTPException
from random import Random
from uuid import UUID

import psycopg2

from tests.servers.granian import Granian
from tests.servers.postgresql import PostgreSQL
from tests.servers.processes import wait_until

PATH = "/api/tracking/capture"
BROWSER = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
)
GIVES_UP_SECONDS = 120
PAUSE_SECONDS = 0.05
AGAIN_SHARE = 0.1  # of what was acknowledged is sent once more


class Kind(StrEnum):
    """What is killed in a round."""

    APP = "the application"
    WORKER = "one worker"
    POSTGRESQL = "PostgreSQL"


@dataclass(frozen=True)
class Round:
    """What a round saw: acknowledged since the round before, unanswered or refused, seconds until the next success."""

    kind: Kind
    acknowledged: int
    failed: int
    recovery_seconds: float


@dataclass
class Sent:
    """What all clients sent together."""

    acknowledged: set[str] = field(default_factory=set)
    failed: int = 0
    guard: threading.Lock = field(default_factory=threading.Lock)


class Client(threading.Thread):
    """Sends one event after the other, each until it is acknowledged, until it is told that no new one should come."""

    def __init__(self, port: int, seed: int, sent: Sent, enough: threading.Event) -> None:
        super().__init__(daemon=True)
        self._port, self._random, self._sent, self._enough = port, Random(seed), sent, enough

    def run(self) -> None:
        """Send until it is enough and all that was begun is acknowledged."""
        while not self._enough.is_set():
            event_id = str(UUID(int=self._random.getrandbits(128), version=4))
            while not self._is_acknowledged(event_id):
                with self._sent.guard:
                    self._sent.failed += 1
                time.sleep(PAUSE_SECONDS)
            with self._sent.guard:
                self._sent.acknowledged.add(event_id)
            if self._random.random() < AGAIN_SHARE:
                self._is_acknowledged(event_id)

    def _is_acknowledged(self, event_id: str) -> bool:
        partner = int(event_id[:2], 16) % 10
        kind = {"eventType": "outbound", "destinationUrl": "https://kickstarter.com/x"} if partner > 7 else {}
        body = {"referrer": f"partner_{partner}", "eventId": event_id, "userAgent": BROWSER, **kind}
        connection = HTTPConnection("127.0.0.1", self._port, timeout=15)
        try:
            connection.request("POST", PATH, json.dumps(body), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
        except (OSError, HTTPException):  # refused, cut off, too slow
            return False
        finally:
            connection.close()
        return answer.status in (200, 201)


@dataclass
class Chaos:
    """The clients, and the servers under them."""

    postgresql: PostgreSQL
    server: Granian
    sent: Sent

    def round(self, kind: Kind, at_least: int) -> Round:
        """Let `at_least` events pass, kill, start again, and wait until captures succeed again."""
        acknowledged, failed = len(self.sent.acknowledged), self.sent.failed
        self._wait_for(acknowledged + at_least)
        began_at = time.monotonic()
        if kind is Kind.WORKER:
            self.server.kill_a_worker()
        else:
            killed = self.server if kind is Kind.APP else self.postgresql
            killed.kill()
            killed.start()
        self._wait_for(len(self.sent.acknowledged) + 1)
        recovery = time.monotonic() - began_at
        return Round(kind, len(self.sent.acknowledged) - acknowledged, self.sent.failed - failed, recovery)

    def _wait_for(self, count: int) -> None:
        wait_until(
            lambda: len(self.sent.acknowledged) >= count, seconds=GIVES_UP_SECONDS, what="the next success"
        )


@contextmanager
def chaos(postgresql: PostgreSQL, server: Granian, clients: int) -> Iterator[Chaos]:
    """Let `clients` send to `server` for the length of the block; at its end all they sent is acknowledged."""
    sent, enough = Sent(), threading.Event()
    threads = [Client(server.port, number, sent, enough) for number in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield Chaos(postgresql, server, sent)
    finally:
        enough.set()
        for thread in threads:
            thread.join(GIVES_UP_SECONDS)
    if any(thread.is_alive() for thread in threads):
        raise TimeoutError("some events were never acknowledged")


@dataclass(frozen=True)
class Verdict:
    """What became of the events: all of these are 0 where nothing was lost and nothing counted twice."""

    lost: int
    never_sent: int
    daily_off: int
    quarters_off: int
    visitors_off: int


def verdict(database_url: str, acknowledged: set[str]) -> Verdict:
    """Return how far what is stored is from what was acknowledged, by a plain recount."""
    connection = psycopg2.connect(database_url)
    try:
        with connection.cursor() as cursor:

            def ask(statement: str) -> int:
                cursor.execute(statement)
                return int(cursor.fetchone()[0])

            cursor.execute("SELECT id::text FROM tracking_events")
            stored = {row[0] for row in cursor}
            return _judged(stored, acknowledged, ask)
    finally:
        connection.close()


def _judged(stored: set[str], acknowledged: set[str], ask: Callable[[str], int]) -> Verdict:
    daily = "SELECT coalesce(sum(events + bots), 0) FROM daily_figures"
    quarters = "SELECT coalesce(sum(clicks + click_bots + conversions + conversion_bots), 0) FROM quarter_hour_figures"
    new_visitors = ask("SELECT count(*) FROM tracking_events WHERE new_visitor")
    return Verdict(
        lost=len(acknowledged - stored),
        never_sent=len(stored - acknowledged),
        daily_off=ask(daily) - len(stored),
        quarters_off=ask(f"{quarters} WHERE partner = ''") - len(stored),
        visitors_off=abs(ask("SELECT coalesce(sum(visitors), 0) FROM daily_figures") - new_visitors)
        + abs(ask("SELECT count(*) FROM daily_visitors") - new_visitors),
    )
