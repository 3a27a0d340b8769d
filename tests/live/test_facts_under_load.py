"""Many tell, many listen, come and go: every fact is heard once and in order."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest
from flask import Flask
from redis import Redis

from tests.conftest import MakeApp, add_customer
from tests.live.conftest import sign_in, tell_all
from tests.live.listener import Listener, listening
from tests.servers.processes import wait_until
from tests.servers.web import running
from wihy.core.database import db, transaction
from wihy.live.history import last_sequences, told_between
from wihy.live.rooms import STAFF_ROOM, customer_room
from wihy.live.switchboard import CHANNEL
from wihy.live.telling import tell

ALICE = customer_room(7)
WRITERS, EACH = 4, 50
ALL = WRITERS * EACH


@pytest.fixture
def token(app: Flask) -> str:
    """The JWT of alice, who is customer 7."""
    add_customer(app, 7, "alice@example.org")
    return sign_in(app, "alice@example.org")


@contextmanager
def all_at_once(*works: object) -> Iterator[None]:
    """Run the block while each of `works` runs in a thread."""
    threads = [Thread(target=work) for work in works]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.join()


def tell_both_ways(app: Flask, turn: int) -> None:
    """Tell two rooms in one transaction, the one or the other first."""
    rooms = [ALICE, STAFF_ROOM]
    for number in range(EACH):
        with app.app_context(), transaction():
            for room in rooms if turn % 2 else reversed(rooms):
                tell(room, "counted", {"writer": turn, "number": number})


def hear(page: Listener, last: int, until: int) -> int:
    """Listen until `until` was said, each sequence once and in order; returns the last."""
    while last < until:
        _, _, place = page.next_fact(30)
        assert place["sequence"] == last + 1
        last += 1
    return last


def test_sequences_of_many_writers_have_no_gap_at_any_moment(app: Flask) -> None:
    ended = Event()
    gaps = []

    def look() -> None:
        while not ended.is_set():
            with app.app_context():
                last = last_sequences([ALICE])[ALICE]
                if told_between(ALICE, max(0, last - 100), last) is None:
                    gaps.append(last)

    def write(turn: int) -> None:
        tell_both_ways(app, turn)

    with all_at_once(look):
        with all_at_once(*(lambda turn=turn: write(turn) for turn in range(WRITERS))):  # type: ignore[misc]
            pass
        ended.set()
    with app.app_context():
        assert last_sequences([ALICE, STAFF_ROOM]) == {ALICE: ALL, STAFF_ROOM: ALL}
        told = told_between(ALICE, 0, ALL) or []
        for turn in range(WRITERS):  # what one said stays in its order
            own = [fact.payload["number"] for fact in told if fact.payload["writer"] == turn]
            assert own == list(range(EACH))
        db.session.rollback()
    assert gaps == []


def test_who_comes_and_goes_meanwhile_loses_and_doubles_nothing(app: Flask, port: int, token: str) -> None:
    writers = [lambda turn=turn: tell_both_ways(app, turn) for turn in range(WRITERS)]  # type: ignore[misc]
    with listening(port, token=token) as page, all_at_once(*writers):
        last = visits = 0
        while last < ALL:
            with listening(port, token=token, since=last) as guest:
                visits += 1
                for _, _, place in guest.missed:
                    assert place["sequence"] == last + 1
                    last += 1
                assert guest.position["sequence"] == last
                last = hear(guest, last, min(last + 7, ALL))
        assert hear(page, 0, ALL) == ALL
    assert visits > 1


def test_all_parts_together_lose_and_double_nothing(
    make_app: MakeApp, redis_url: str, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wihy.live.channel.WOKEN_SECONDS", 3600)  # so that only Redis wakes
    web = make_app(REDIS_URL=redis_url, WIHY_PART="web")
    lives = [make_app(REDIS_URL=redis_url, WIHY_PART="live") for _ in range(2)]
    before = _subscribers(redis_url)
    with (
        running(lives[0]) as here,
        running(lives[1]) as there,
        listening(here, token=token) as one,
        listening(there, token=token) as other,
    ):
        wait_until(lambda: _subscribers(redis_url) >= before + 2, what="the subscriptions")
        with all_at_once(*(lambda turn=turn: tell_both_ways(web, turn) for turn in range(WRITERS))):  # type: ignore[misc]
            assert hear(one, 0, ALL) == hear(other, 0, ALL) == ALL


def test_what_redis_wakes_nobody_for_is_found_at_the_next_look(
    make_app: MakeApp, redis_url: str, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wihy.live.channel.WOKEN_SECONDS", 0.5)
    live, without_redis = make_app(REDIS_URL=redis_url, WIHY_PART="live"), make_app()
    with running(live) as port, listening(port, token=token) as page:
        tell_all(without_redis, ALICE, [1])
        assert page.next_fact()[1] == {"number": 1}


def _subscribers(redis_url: str) -> int:
    with Redis.from_url(redis_url) as redis:
        return int(redis.pubsub_numsub(CHANNEL)[0][1])
