"""The same figures asked for by many are counted once, for a second, and never hide news or pass a lock."""

from collections.abc import Callable
from threading import Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import event

from tests.conftest import MakeApp, add_user, signed_in
from tests.servers.processes import wait_until
from tests.servers.redis import running_redis
from tests.tracking.test_capture import BROWSER
from wihy.core import answer_stores
from wihy.core.answers import answers, renew
from wihy.core.database import db, transaction

STATS = "/api/tracking/stats"
DASHBOARD = "/tracking-dashboard"


@pytest.fixture(autouse=True)
def slow_clocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let answers live for as long as a slow machine takes for a test."""
    for name in ("LIVES_SECONDS", "KEPT_SECONDS"):
        monkeypatch.setattr(answer_stores, name, 60)


def capture(app: Flask, **fields: str) -> None:
    body = {"referrer": "partner_john", "campaign": "hello", "userAgent": BROWSER, **fields}
    assert app.test_client().post("/api/tracking/capture", json=body).status_code == 201


def count(client: FlaskClient, query: str = "") -> int:
    answer = client.get(f"{STATS}?{query}")
    assert answer.status_code == 200, answer.text
    found: int = answer.json["totalEvents"]
    return found


def countings(app: Flask) -> list[str]:
    """Return a list that grows by each count of the daily figures."""
    asked: list[str] = []

    def note(*told: str) -> None:
        if told[2].startswith("SELECT anon_1.combination_id"):
            asked.append(told[2])

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
    return asked


def ask_in(app: Flask, key: str, make: Callable[[], str]) -> str:
    with app.app_context():
        return answers().text("question", key, make)


def test_whoever_asks_the_same_gets_the_same(app: Flask, ada: FlaskClient, vera: FlaskClient) -> None:
    capture(app)
    counted = countings(app)
    same = ["campaign=hello&eventType=inbound", "eventType=inbound&tz=UTC&campaign=hello"]
    assert [count(client, query) for client in (ada, vera) for query in same] == [1, 1, 1, 1]
    assert len(counted) == 1
    assert count(ada, "campaign=other") == 0
    assert len(counted) == 2


def test_the_dashboard_and_its_refresh_share(app: Flask, ada: FlaskClient, vera: FlaskClient) -> None:
    capture(app)
    counted = countings(app)
    ada.get(f"{DASHBOARD}?compare=none")
    once = len(counted)
    for client in (ada, vera):
        assert "partner_john" in client.get(f"{DASHBOARD}?part=figures&compare=none").text
    assert len(counted) == once


def test_news_are_in_the_next_answer(app: Flask, ada: FlaskClient) -> None:
    for number in range(1, 11):
        capture(app)
        assert count(ada) == count(ada) == number
        assert ada.get(f"{DASHBOARD}?part=figures&period=all").text.count(f">{number}<") >= 1


def test_an_answer_that_lies_there_opens_nothing(app: Flask, ada: FlaskClient, stranger: FlaskClient) -> None:
    assert count(ada) == 0
    assert stranger.get(STATS).status_code == 401
    assert stranger.get(f"{DASHBOARD}?part=figures").status_code in (302, 303, 401)


def test_an_answer_lives_for_a_moment(app: Flask, ada: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = countings(app)
    monkeypatch.setattr(answer_stores, "LIVES_SECONDS", 0)
    count(ada)
    count(ada)
    assert len(counted) == 2


def test_it_can_be_switched_off(make_app: MakeApp) -> None:
    app = make_app(FIGURES_CACHE="off")
    add_user(app, "ada@example.org", "admin")
    client = signed_in(app, "ada@example.org")
    counted = countings(app)
    count(client)
    count(client)
    assert len(counted) == 2


def test_fifty_at_once_are_answered_by_one_counting(app: Flask) -> None:
    made: list[int] = []
    told: list[str] = []
    turns = app.extensions["answers"]._turns

    def make() -> str:
        wait_until(lambda: turns.wanted == 50, what="the others")
        made.append(1)
        return "counted"

    people = [Thread(target=lambda: told.append(ask_in(app, "all", make))) for _ in range(50)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert (told, made) == (["counted"] * 50, [1])
    assert (turns.wanted, turns._turns) == (0, {})


def test_news_that_come_during_a_counting_are_not_kept_from_who_asks_after_them(app: Flask) -> None:
    def make() -> str:
        with app.app_context(), transaction():
            renew(None)
        return "before"

    assert ask_in(app, "all", make) == "before"
    assert ask_in(app, "all", lambda: "after") == "after"


def test_who_fails_leaves_the_turn_to_the_next(app: Flask) -> None:
    with pytest.raises(ZeroDivisionError):
        ask_in(app, "all", lambda: str(1 / 0))
    assert ask_in(app, "all", lambda: "counted") == "counted"


def test_a_transaction_shares_nothing(app: Flask) -> None:
    with app.app_context(), transaction():
        assert ask_in(app, "all", lambda: "mine") == "mine"
        assert ask_in(app, "all", lambda: "mine again") == "mine again"


def test_memory_is_bounded(app: Flask) -> None:
    for number in range(3 * answer_stores.MOST_ANSWERS):
        ask_in(app, str(number), lambda: "x")
    assert len(app.extensions["answers"]._memory._backend._cache) <= answer_stores.MOST_ANSWERS + 1


def test_processes_share_through_redis(make_app: MakeApp, redis_url: str) -> None:
    here, there = make_app(REDIS_URL=redis_url), make_app(REDIS_URL=redis_url)
    assert ask_in(here, "all", lambda: "counted here") == "counted here"
    assert ask_in(there, "all", lambda: "counted there") == "counted here"
    capture(here)
    wait_until(lambda: ask_in(there, "all", lambda: "counted anew") == "counted anew", what="the push")
    other = make_app(REDIS_URL=redis_url, PUBLIC_URL="http://other.localhost")
    assert ask_in(other, "all", lambda: "another installation's") == "another installation's"


def test_what_somebody_put_into_redis_does_no_harm(make_app: MakeApp, redis_url: str) -> None:
    app = make_app(REDIS_URL=redis_url)
    ask_in(app, "all", lambda: "counted")
    with Redis.from_url(redis_url) as redis:
        names = redis.keys("wihy:figures:*")
        assert names
        for stored in (b"\x80\x04pickled", b"[1]", b'{"edition": "x"}', b'{"edition": 1}'):
            for name in names:
                redis.set(name, stored)
            assert ask_in(app, "all", lambda: "counted anew") == "counted anew"


def test_a_redis_that_goes_costs_only_the_sharing(make_app: MakeApp) -> None:
    with running_redis() as url:
        app = make_app(REDIS_URL=url)
        assert ask_in(app, "all", lambda: "counted") == "counted"
    assert ask_in(app, "all", lambda: "counted anew") == "counted anew"
    assert ask_in(app, "all", lambda: "not counted") == "counted anew"
    app.extensions["answers"].note()
    app.extensions["answers"].tell_others()
    assert ask_in(app, "all", lambda: "after the news") == "after the news"
