"""Who may connect, how often, and for how long."""

import time
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from tests.conftest import MakeApp, add_customer
from tests.live.conftest import capture, event, sign_in, tell_all
from tests.live.listener import Listener, Refused, listening, status_of_handshake
from tests.servers.web import running
from wihy.accounts.models import Session
from wihy.core import clock
from wihy.core.database import db, transaction
from wihy.live import doorkeeper
from wihy.live.rooms import customer_room
from wihy.partners.service import add_partner


def test_a_cookie_opens_the_staff_room(app: Flask, port: int, ada_token: str) -> None:
    with listening(port, headers={"Cookie": f"wihy_session={ada_token}"}) as page:
        capture(app, event())
        assert page.next(1)[0] == "tracking:captured"


@pytest.mark.parametrize(
    "auth", [{}, {"token": "nonsense"}, {"trackingId": "no such/id"}, {"token": "nonsense", "trackingId": ""}]
)
def test_strangers_without_a_page_are_refused(port: int, auth: dict[str, str]) -> None:
    with pytest.raises(Refused, match="Unauthorized"), listening(port, **auth):
        pass


def test_a_stranger_hears_no_figures(app: Flask, port: int) -> None:
    with listening(port, trackingId="trailhead_weekly") as page:
        capture(app, event())
        assert {name for name, _ in page.all(0.7)} == {"engagement:changed"}


def test_without_public_pages_strangers_hear_nothing(make_app: MakeApp) -> None:
    with (
        running(make_app(PUBLIC_ENGAGEMENT="off")) as port,
        pytest.raises(Refused),
        listening(port, trackingId="trailhead_weekly"),
    ):
        pass


def test_a_partner_hears_of_a_page_that_is_not_public(make_app: MakeApp) -> None:
    app = make_app(PUBLIC_ENGAGEMENT="off")
    with app.app_context(), transaction():
        _, token = add_partner("kesho_runners", "Kesho Runners", None, None)
    with running(app) as port:
        with listening(port, trackingId="kesho_runners", token=token) as page:
            capture(app, event("kesho_runners"))
            [(name, news)] = page.all(0.7)
            assert (name, news["clicks"], news["conversions"]) == ("engagement:captured", 1, 0)
        with pytest.raises(Refused), listening(port, trackingId="trailhead_weekly", token=token):
            pass


def test_staff_on_a_page_hear_only_of_that_page(app: Flask, port: int, ada_token: str) -> None:
    with listening(port, token=ada_token, trackingId="kesho_runners") as page:
        capture(app, event())
        assert page.all(0.5) == []


def test_other_sites_are_refused(port: int) -> None:
    for origin in ("https://evilwihy.ai", "https://wihy.ai.evil.io", "null"):
        assert status_of_handshake(port, {"Origin": origin}) == 400, origin
    for origin in ("https://shop.wihy.ai", f"http://127.0.0.1:{port}"):
        assert status_of_handshake(port, {"Origin": origin}) == 101, origin


def test_only_websockets_are_served(app: Flask) -> None:
    assert app.test_client().get("/socket.io/?EIO=4&transport=polling").status_code == 400


def test_one_person_cannot_take_every_socket(
    port: int, ada_token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doorkeeper, "MOST_FOR_ONE", 2)
    with listening(port, token=ada_token), listening(port, token=ada_token):
        with pytest.raises(Refused, match="Too many"), listening(port, token=ada_token):
            pass
        with listening(port, trackingId="trailhead_weekly"):  # another's are counted apart
            pass


def test_half_of_the_threads_stay_for_requests(make_app: MakeApp, ada_token: str) -> None:
    app = make_app(THREADS="4")
    with running(app) as port, listening(port, token=ada_token), listening(port, token=ada_token):
        assert status_of_handshake(port) == 503
        assert app.test_client().get("/healthz").status_code == 200


def test_who_never_says_who_they_are_is_cut_off(
    app: Flask, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doorkeeper, "SECONDS_TO_ENTER", 0)
    silent = Listener(port)
    app.extensions["live"].look_after()
    assert silent.is_closed()


def test_a_long_message_ends_the_connection(port: int, ada_token: str) -> None:
    with listening(port, token=ada_token) as page:
        page._websocket.send("42" + "x" * 10_000)
        assert page.is_closed()


def test_a_closed_page_frees_its_place(app: Flask, port: int, ada_token: str) -> None:
    with listening(port, token=ada_token):
        assert len(app.extensions["live"].door.visits()) == 1
    deadline = time.monotonic() + 3
    while app.extensions["live"].door.visits() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert app.extensions["live"].door.visits() == []


def test_the_end_of_a_session_closes_its_sockets_and_no_others(app: Flask, port: int, ada_token: str) -> None:
    other_token = sign_in(app, "ada@example.org")
    with listening(port, token=ada_token) as page, listening(port, token=other_token) as other:
        headers = {"Authorization": f"Bearer {ada_token}"}
        assert app.test_client().post("/api/auth/logout", headers=headers).status_code == 200
        assert page.is_closed()
        assert not other.is_closed(0.3)


def test_a_session_ended_elsewhere_is_noticed(app: Flask, port: int, ada_token: str) -> None:
    with listening(port, token=ada_token) as page:
        app.extensions["live"].look_after()
        assert not page.is_closed(0.3)
        with app.app_context(), transaction():
            db.session.execute(update(Session).values(ended_at=clock.now()))
        app.extensions["live"].look_after()
        assert page.is_closed()


def test_a_token_that_expires_ends_what_it_opened(
    app: Flask, port: int, ada: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_customer(app, 7, "alice@example.org")
    lasting = sign_in(app, "alice@example.org")
    brief = ada.post("/api/customers/7/token", json={"expiresInSeconds": 60}).json["token"]
    cookie = {"Cookie": f"wihy_session={brief}"}  # pages renew it as they are used
    with (
        listening(port, token=brief) as program,
        listening(port, headers=cookie) as page,
        listening(port, token=lasting) as other,
    ):
        in_two_minutes = clock.now() + timedelta(minutes=2)
        with monkeypatch.context() as patch:
            patch.setattr(clock, "now", lambda: in_two_minutes)
            app.extensions["live"].close_expired()
        assert program.next_fact()[0] == "access:ended"
        assert program.is_closed()
        tell_all(app, customer_room(7), [1])
        assert page.next_fact()[1] == other.next_fact()[1] == {"number": 1}
