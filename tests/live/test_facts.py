"""Facts: who hears them, once each and in order, and what is said again to who was away."""

from contextlib import suppress
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from tests.conftest import MakeApp, add_customer
from tests.live.conftest import sign_in, tell_all
from tests.live.listener import Refused, listening
from tests.servers.web import running
from wihy.core import clock
from wihy.core.database import db, transaction
from wihy.live import history
from wihy.live.models import LiveEvent
from wihy.live.rooms import STAFF_ROOM, customer_room
from wihy.live.telling import tell

ALICE, BOB = customer_room(7), customer_room(8)


@pytest.fixture
def token(app: Flask) -> str:
    """The JWT of alice, who is customer 7."""
    add_customer(app, 7, "alice@example.org")
    return sign_in(app, "alice@example.org")


def test_a_customer_hears_what_concerns_them_and_nothing_else(app: Flask, port: int, token: str) -> None:
    add_customer(app, 8, "bob@example.org")
    with (
        listening(port, token=token) as alice,
        listening(port, headers={"Cookie": f"wihy_session={sign_in(app, 'bob@example.org')}"}) as bob,
    ):
        assert alice.position == {"room": ALICE, "sequence": 0}
        assert bob.position == {"room": BOB, "sequence": 0}
        tell_all(app, STAFF_ROOM, [0])
        tell_all(app, ALICE, [1])
        tell_all(app, BOB, [2])
        assert alice.next_fact() == ("counted", {"number": 1}, {"room": ALICE, "sequence": 1})
        assert bob.next_fact() == ("counted", {"number": 2}, {"room": BOB, "sequence": 1})
        assert alice.all(0.3) == bob.all(0.3) == []


def test_staff_hear_their_own_facts_but_no_customers(app: Flask, port: int, ada_token: str) -> None:
    with listening(port, token=ada_token) as page:
        tell_all(app, ALICE, [1])
        tell_all(app, STAFF_ROOM, [2])
        assert page.next_fact() == ("counted", {"number": 2}, {"room": STAFF_ROOM, "sequence": 1})


@pytest.mark.parametrize("wish", [{"room": BOB}, {"customerId": 8}, {"rooms": [BOB]}])
def test_a_room_cannot_be_wished_for(port: int, token: str, wish: dict[str, object]) -> None:
    with listening(port, token=token, **wish) as page:
        assert page.position["room"] == ALICE


def test_a_customer_on_the_page_of_a_partner_is_a_stranger_there(port: int, token: str) -> None:
    with listening(port, headers={"Cookie": f"wihy_session={token}"}, trackingId="kesho_runners") as page:
        assert page.position["room"] == "public:kesho_runners"


def test_who_is_deactivated_hears_nothing_more(app: Flask, port: int, token: str, ada: FlaskClient) -> None:
    with listening(port, token=token) as page:
        assert ada.put("/api/customers/7", json={"active": False}).status_code == 200
        assert page.is_closed()
    with pytest.raises(Refused, match="Unauthorized"), listening(port, token=token):
        pass


def test_signing_out_ends_it(app: Flask, port: int, token: str) -> None:
    with listening(port, token=token) as page:
        headers = {"Authorization": f"Bearer {token}"}
        assert app.test_client().post("/api/auth/logout", headers=headers).status_code == 200
        assert page.is_closed()


def test_what_is_taken_back_is_not_told(app: Flask, port: int, token: str) -> None:
    with listening(port, token=token) as page:
        with suppress(ZeroDivisionError), app.app_context(), transaction():
            tell(ALICE, "counted", {"number": 1})
            raise ZeroDivisionError
        tell_all(app, ALICE, [2])
        assert page.next_fact() == ("counted", {"number": 2}, {"room": ALICE, "sequence": 1})


def test_what_a_savepoint_takes_back_is_not_told(app: Flask, port: int, token: str) -> None:
    with listening(port, token=token) as page:
        with app.app_context(), transaction():
            tell(ALICE, "counted", {"number": 1})
            with suppress(ZeroDivisionError), db.session.begin_nested():
                tell(ALICE, "counted", {"number": 2})
                raise ZeroDivisionError
            with db.session.begin_nested():
                tell(ALICE, "counted", {"number": 3})
        assert [page.next_fact()[1]["number"] for _ in range(2)] == [1, 3]
        assert page.all(0.3) == []


def test_one_transaction_may_tell_several_rooms(app: Flask, port: int, token: str, ada_token: str) -> None:
    with listening(port, token=token) as alice, listening(port, token=ada_token) as ada:
        with app.app_context(), transaction():
            for number in range(3):
                tell(ALICE, "counted", {"number": number})
                tell(STAFF_ROOM, "counted", {"number": number})
        for page in (alice, ada):
            heard = [page.next_fact() for _ in range(3)]
            assert [(payload["number"], place["sequence"]) for _, payload, place in heard] == [
                (0, 1),
                (1, 2),
                (2, 3),
            ]


def test_who_comes_back_hears_what_they_missed_and_no_more(app: Flask, port: int, token: str) -> None:
    tell_all(app, ALICE, [1, 2])
    with listening(port, token=token) as page:
        assert page.missed == []
        assert page.position["sequence"] == 2
    tell_all(app, ALICE, [3, 4])
    tell_all(app, BOB, [5])
    with listening(port, token=token, since=2) as page:
        assert page.missed == [
            ("counted", {"number": 3}, {"room": ALICE, "sequence": 3}),
            ("counted", {"number": 4}, {"room": ALICE, "sequence": 4}),
        ]
        assert page.position["sequence"] == 4
        assert page.all(0.3) == []
    with listening(port, token=token, since=4) as page:
        assert page.missed == []


@pytest.mark.parametrize("since", [3, -1, 2**70, True, "1", 1.0, [1], {}])
def test_who_says_what_cannot_be_is_told_to_reload(app: Flask, port: int, token: str, since: object) -> None:
    tell_all(app, ALICE, [1, 2])
    with listening(port, token=token, since=since) as page:
        assert page.missed == [("live:reload", {"room": ALICE}, None)]
        assert page.position["sequence"] == 2
        tell_all(app, ALICE, [3])
        assert page.next_fact()[1] == {"number": 3}


def test_who_was_away_for_over_an_hour_is_told_to_reload(app: Flask, port: int, token: str) -> None:
    tell_all(app, ALICE, [1])
    with app.app_context():
        with transaction():
            long_ago = clock.now() - history.KEPT - timedelta(minutes=1)
            db.session.execute(update(LiveEvent).values(at=long_ago))
        tell_all(app, ALICE, [2])
        history.forget_old()
        assert db.session.scalars(select(LiveEvent.sequence)).all() == [2]
    with listening(port, token=token, since=0) as page:
        assert [event for event, _, _ in page.missed] == ["live:reload"]
    with listening(port, token=token, since=1) as page:
        assert [payload for _, payload, _ in page.missed] == [{"number": 2}]


def test_who_missed_very_much_is_told_to_reload(
    app: Flask, port: int, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "MOST_REPLAYED", 2)
    tell_all(app, ALICE, [1, 2, 3])
    with listening(port, token=token, since=0) as page:
        assert [event for event, _, _ in page.missed] == ["live:reload"]
    with listening(port, token=token, since=1) as page:
        assert len(page.missed) == 2


def test_without_redis_another_process_is_heard_and_nothing_twice(make_app: MakeApp, token: str) -> None:
    here, elsewhere = make_app(), make_app()
    with running(here) as port, listening(port, token=token) as page:
        tell_all(here, ALICE, [1])
        assert page.next_fact()[1] == {"number": 1}
        tell_all(elsewhere, ALICE, [2])
        assert page.next_fact()[1] == {"number": 2}
        tell_all(here, ALICE, [3])
        assert page.next_fact()[1] == {"number": 3}
        assert page.all(1.5) == []


def test_who_heard_more_elsewhere_need_not_reload(
    make_app: MakeApp, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that nobody wakes, for Redis is away, is behind the one where the page was before."""
    monkeypatch.setattr("wihy.live.channel.ALONE_SECONDS", 3600)
    here, elsewhere = make_app(), make_app()
    with running(here) as port, listening(port, token=token) as page:
        tell_all(elsewhere, ALICE, [1, 2])
        with listening(port, token=token, since=1) as guest:
            assert guest.missed == [("counted", {"number": 2}, {"room": ALICE, "sequence": 2})]
            assert guest.position["sequence"] == 2
            assert [page.next_fact()[1]["number"] for _ in range(2)] == [1, 2]
            tell_all(here, ALICE, [3])
            assert guest.next_fact()[1] == page.next_fact()[1] == {"number": 3}


def test_a_room_that_was_empty_goes_on_from_where_it_is(app: Flask, port: int, token: str) -> None:
    with listening(port, token=token):
        pass
    tell_all(app, ALICE, [1])
    with listening(port, token=token) as page:
        assert (page.missed, page.position["sequence"]) == ([], 1)
        tell_all(app, ALICE, [2])
        assert page.next_fact()[1] == {"number": 2}
