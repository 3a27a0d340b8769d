"""The stage of the live tests: a running server, and captures without the capture route."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask

from tests.conftest import PASSWORD, add_user
from tests.servers.web import running
from wihy.core.database import transaction
from wihy.core.facts import announce
from wihy.core.ids import new_id
from wihy.live.telling import tell
from wihy.tracking.facts import EventsStored, StoredEvent

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    """The port on which `app` is served."""
    with running(app) as found:
        yield found


@pytest.fixture
def ada_token(app: Flask) -> str:
    """The JWT of an admin."""
    add_user(app, "ada@example.org", "admin")
    return sign_in(app, "ada@example.org")


def sign_in(app: Flask, email: str) -> str:
    """Return a new token of `email`."""
    answer = app.test_client().post("/api/auth/login", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return str(answer.json["token"])


def event(
    referrer: str = "trailhead_weekly", *, event_type: str = "inbound", is_bot: bool = False
) -> StoredEvent:
    """Return an event as the tracking room announces it."""
    return StoredEvent(
        id=new_id(),
        timestamp=NOON,
        referrer=referrer,
        original_source="lumen_podcast",
        campaign="autumn_launch",
        landing_page="/autumn",
        destination="Kickstarter" if event_type == "outbound" else None,
        event_type=event_type,
        is_bot=is_bot,
        new_visitor=True,
        link_slug=None,
    )


def capture(app: Flask, *events: StoredEvent) -> None:
    """Announce `events` as one committed batch."""
    with app.app_context(), transaction():
        announce(EventsStored(events))


def tell_all(app: Flask, room: str, numbers: Iterable[int]) -> None:
    """Tell `room` these numbers, each in a transaction of its own."""
    for number in numbers:
        with app.app_context(), transaction():
            tell(room, "counted", {"number": number})
