"""Open sockets are looked after: the living stay, those that never said who they are go."""

import pytest
from flask import Flask

from tests.live.listener import listening
from tests.servers.web import running
from wihy.live import doorkeeper


def test_a_living_socket_stays_however_old(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorkeeper, "SECONDS_TO_ENTER", 0)
    with running(app) as port, listening(port, trackingId="trailhead_weekly") as page:
        for _ in range(3):
            app.extensions["live"].look_after()
            assert not page.is_closed(0.3)
