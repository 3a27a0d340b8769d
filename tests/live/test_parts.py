"""One process answers requests, another holds the sockets, Redis joins them."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from flask import Flask
from redis import Redis

from tests.conftest import MakeApp, add_user
from tests.live.conftest import capture, event, sign_in
from tests.live.listener import listening, status_of_handshake
from tests.servers.processes import wait_until
from tests.servers.web import running
from wihy.core.database import transaction
from wihy.live.switchboard import CHANNEL
from wihy.partners.service import add_partner, revoke_partner


@pytest.fixture
def web(make_app: MakeApp, redis_url: str) -> Flask:
    """The part that holds no sockets."""
    return make_app(REDIS_URL=redis_url, WIHY_PART="web")


@pytest.fixture
def live(make_app: MakeApp, redis_url: str) -> Flask:
    """The part that holds them."""
    return make_app(REDIS_URL=redis_url, WIHY_PART="live")


class Subscriptions:
    """How many processes listen to the others, beyond those that did before the test."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._before = self._all()

    def count(self) -> int:
        """Return their number."""
        return self._all() - self._before

    def wait(self) -> None:
        """Return once there is one: it begins with the first socket."""
        wait_until(lambda: self.count() == 1, what="the subscription")

    def _all(self) -> int:
        return int(self._redis.pubsub_numsub(CHANNEL)[0][1])


@pytest.fixture
def subscriptions(redis_url: str) -> Iterator[Subscriptions]:
    """Those of the test's processes."""
    with Redis.from_url(redis_url) as redis:
        yield Subscriptions(redis)


def test_a_capture_at_web_reaches_a_socket_of_live(
    web: Flask, live: Flask, subscriptions: Subscriptions, ada_token: str
) -> None:
    with running(live) as port, listening(port, token=ada_token) as page:
        subscriptions.wait()
        capture(web, event())
        assert page.next(2)[0] == "tracking:captured"
        assert subscriptions.count() == 1  # live's: web has nobody to tell


def test_signing_out_at_web_closes_that_socket_of_live_and_no_other(
    web: Flask, live: Flask, subscriptions: Subscriptions, ada_token: str
) -> None:
    other_token = sign_in(web, "ada@example.org")
    with (
        running(live) as port,
        listening(port, token=ada_token) as page,
        listening(port, token=other_token) as other,
    ):
        subscriptions.wait()
        headers = {"Authorization": f"Bearer {ada_token}"}
        assert web.test_client().post("/api/auth/logout", headers=headers).status_code == 200
        assert page.is_closed()
        assert not other.is_closed(0.3)


def test_a_link_revoked_at_web_closes_the_pages_it_opened_at_live_and_no_others(
    web: Flask, live: Flask, subscriptions: Subscriptions, ada_token: str
) -> None:
    with web.app_context(), transaction():
        _, token = add_partner("kesho_runners", "Kesho Runners", None, None)
    with (
        running(live) as port,
        listening(port, trackingId="kesho_runners", token=token) as partner,
        listening(port, trackingId="kesho_runners") as stranger,
        listening(port, trackingId="kesho_runners", token=ada_token) as staff,
    ):
        subscriptions.wait()
        with web.app_context(), transaction():
            revoke_partner("kesho_runners")
        assert partner.next(2) == ("access:ended", None)
        assert partner.is_closed()
        assert not stranger.is_closed(0.3)
        assert not staff.is_closed(0.3)


@pytest.mark.parametrize(
    "message", ['{"wihy:close"', '{"wihy:close": 7, "host_id": "x"}', '{"wihy:close": {}}']
)
def test_a_message_that_is_none_stops_nothing(
    web: Flask, live: Flask, redis_url: str, subscriptions: Subscriptions, ada_token: str, message: str
) -> None:
    with running(live) as port, listening(port, token=ada_token) as page:
        subscriptions.wait()
        with Redis.from_url(redis_url) as redis:
            redis.publish(CHANNEL, message)
        capture(web, event())
        assert page.next(2)[0] == "tracking:captured"


@pytest.mark.parametrize("path", ["/socket.io/", "/socket.io", "/socket.io/?EIO=4&transport=websocket"])
def test_web_says_where_the_sockets_are(web: Flask, path: str) -> None:
    answer = web.test_client().get(path, headers={"Connection": "Upgrade", "Upgrade": "websocket"})
    assert answer.status_code == 503
    assert answer.json["code"] == "SERVICE_UNAVAILABLE"
    assert "live" in answer.json["message"]
    assert answer.headers["Retry-After"]


def test_signing_out_does_not_wait_for_a_redis_that_is_away(make_app: MakeApp) -> None:
    app = make_app(REDIS_URL="redis://127.0.0.1:1/0", WIHY_PART="web")
    add_user(app, "ada@example.org")
    headers = {"Authorization": f"Bearer {sign_in(app, 'ada@example.org')}"}
    assert app.test_client().post("/api/auth/logout", headers=headers).status_code == 200


def test_the_sockets_of_live_have_threads_of_their_own(
    make_app: MakeApp, redis_url: str, ada_token: str
) -> None:
    app = make_app(REDIS_URL=redis_url, WIHY_PART="live", THREADS="4", LIVE_SOCKETS="10")
    with running(app) as port, ExitStack() as pages:
        for _ in range(10):
            pages.enter_context(listening(port, token=ada_token))
        assert status_of_handshake(port) == 503
