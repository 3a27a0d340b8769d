"""Open pages of partners: what they hear, and how they end with the link that let them in."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from simple_websocket import ConnectionClosed

from tests.conftest import MakeApp
from tests.live.conftest import capture, event
from tests.live.listener import Listener, Refused, listening
from tests.servers.web import running
from wihy.core.clock import now
from wihy.core.database import transaction
from wihy.partners.service import (
    add_partner,
    restore_partner,
    revoke_partner,
    rotate_token,
)

PAGE = "trailhead_weekly"


@pytest.fixture
def token(app: Flask) -> str:
    with app.app_context(), transaction():
        return add_partner(PAGE, "Trailhead Weekly", None, None).token


def heard_at_the_end(page: Listener) -> list[Any]:
    """What `page` hears until the server ends the connection; raises `TimeoutError` if it does not."""
    heard = []
    try:
        while True:
            heard.append(page.next(5))
    except ConnectionClosed:
        return heard


def test_a_partner_hears_what_was_captured_for_them_alone(app: Flask, port: int, token: str) -> None:
    with listening(port, trackingId=PAGE, token=token) as page:
        capture(app, event(), event("another"), event("another", event_type="outbound"), event(is_bot=True))
        assert page.all(0.7) == [
            (
                "engagement:captured",
                {
                    "clicks": 1,
                    "conversions": 0,
                    "events": [
                        {
                            "timestamp": "2026-11-20T12:00:00.000Z",
                            "campaign": "autumn_launch",
                            "destination": "/autumn",
                            "eventType": "inbound",
                        }
                    ],
                },
            )
        ]


def test_staff_on_a_page_hear_as_much(app: Flask, port: int, ada_token: str) -> None:
    with listening(port, trackingId=PAGE, token=ada_token) as page:
        capture(app, event())
        assert page.next()[0] == "engagement:captured"


def test_the_cookie_of_the_page_stands_for_its_token(app: Flask, port: int, token: str) -> None:
    client = app.test_client()
    client.get(f"/engagement/{PAGE}", query_string={"token": token})
    cookie = client.get_cookie(f"wihy_partner_{PAGE}", path="/socket.io")
    assert cookie
    assert (cookie.value, cookie.http_only, cookie.same_site) == (token, True, "Lax")
    with listening(port, headers={"Cookie": f"{cookie.key}={cookie.value}"}, trackingId=PAGE) as page:
        capture(app, event())
        assert page.next()[0] == "engagement:captured"
    with pytest.raises(Refused), listening(port, headers={"Cookie": f"{cookie.key}=x"}, trackingId=PAGE):
        pass


@pytest.mark.parametrize("end", [revoke_partner, rotate_token])
def test_the_end_of_the_link_ends_the_pages_it_opened_and_no_others(
    app: Flask, port: int, token: str, ada_token: str, end: Any
) -> None:
    with (
        listening(port, trackingId=PAGE, token=token) as partner,
        listening(port, trackingId=PAGE) as stranger,
        listening(port, trackingId=PAGE, token=ada_token) as staff,
    ):
        with app.app_context(), transaction():
            end(PAGE)
        assert heard_at_the_end(partner) == [("access:ended", None)]
        assert not stranger.is_closed(0.3)
        assert not staff.is_closed(0.3)
    with pytest.raises(Refused), listening(port, trackingId=PAGE, token=token):
        pass


def test_the_link_that_follows_opens_it_again(app: Flask, port: int, token: str) -> None:
    with app.app_context(), transaction():
        revoke_partner(PAGE)
    with app.app_context(), transaction():
        new = restore_partner(PAGE).token
    with listening(port, trackingId=PAGE, token=new) as page:
        app.extensions["live"].look_after()
        assert not page.is_closed(0.3)


def test_a_page_ends_in_the_second_in_which_its_link_does(app: Flask, port: int) -> None:
    with app.app_context(), transaction():
        token = add_partner(PAGE, None, None, ends_at := now() + timedelta(seconds=2)).token
    with listening(port, trackingId=PAGE, token=token) as page:
        assert heard_at_the_end(page) == [("access:ended", None)]
    assert now() >= ends_at


def test_without_redis_a_link_that_ended_elsewhere_is_noticed(make_app: MakeApp, token: str) -> None:
    app, elsewhere = make_app(), make_app()
    with running(app) as port, listening(port, trackingId=PAGE, token=token) as page:
        with elsewhere.app_context(), transaction():
            rotate_token(PAGE)
        app.extensions["live"].look_after()
        assert heard_at_the_end(page) == [("access:ended", None)]


def test_a_change_that_is_taken_back_ends_nothing(app: Flask, port: int, token: str) -> None:
    with listening(port, trackingId=PAGE, token=token) as page:
        with suppress(ZeroDivisionError), app.app_context(), transaction():
            revoke_partner(PAGE)
            raise ZeroDivisionError
        assert not page.is_closed(0.3)
