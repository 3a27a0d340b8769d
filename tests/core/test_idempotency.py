"""`Idempotency-Key`: a request that is sent again is answered again, and done once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.conftest import MakeApp, add_customer, signed_in
from tests.core.shop import PATH, Shop, order
from tests.servers.processes import wait_until
from wihy.core import idempotency, kept_answers
from wihy.core.database import db
from wihy.core.kept_answers import KeptAnswer, forget_expired

REPLAYED = "Idempotency-Replayed"


@pytest.fixture
def shop(app: Flask) -> Shop:
    return Shop(app)


@pytest.fixture
def bob(app: Flask) -> FlaskClient:
    add_customer(app, 8, "bob@example.org")
    return signed_in(app, "bob@example.org")


def kept(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(KeptAnswer)) or 0


def as_well_as(client: FlaskClient, app: Flask) -> FlaskClient:
    """Return another client of the same person."""
    other = app.test_client()
    other.environ_base = client.environ_base
    return other


def test_a_repeat_gets_the_first_answer(shop: Shop, alice: FlaskClient) -> None:
    first, again = order(alice), order(alice)
    assert (first.status_code, first.json) == (201, {"number": 1, "answer": "ordered"})
    assert (again.status_code, again.data, again.content_type) == (201, first.data, first.content_type)
    assert (REPLAYED in first.headers, again.headers[REPLAYED]) == (False, "true")
    assert (shop.sold, shop.told) == (1, ["tea"])


def test_without_a_key_each_is_done(shop: Shop, alice: FlaskClient) -> None:
    assert [order(alice, None).json["number"] for _ in range(2)] == [1, 2]
    assert kept(shop.app) == 0


def test_a_key_counts_for_one_person_path_and_name(shop: Shop, alice: FlaskClient, bob: FlaskClient) -> None:
    for client, key, item in (
        (alice, "k", "tea"),
        (bob, "k", "tea"),
        (alice, "k", "rum"),
        (alice, "K", "tea"),
    ):
        answer = order(client, key, item=item)
        assert (answer.status_code, REPLAYED in answer.headers) == (201, False)
    assert shop.sold == 4


def test_the_same_key_for_something_else_is_a_conflict(shop: Shop, alice: FlaskClient) -> None:
    order(alice, body="two lumps")
    key = {"Idempotency-Key": "k"}
    others = [
        order(alice, body="no sugar"),
        alice.post(f"{PATH}/tea?now=1", data="two lumps", headers=key),
        alice.post(f"{PATH}/tea", data="two lumps", headers=key, content_type="text/plain"),
    ]
    assert [(one.status_code, one.json["code"]) for one in others] == [(409, "IDEMPOTENCY_CONFLICT")] * 3
    assert order(alice, body="two lumps").headers[REPLAYED] == "true"
    assert shop.sold == 1


def test_a_refusal_is_kept_and_its_work_undone(shop: Shop, alice: FlaskClient) -> None:
    first, again = order(alice, body="409"), order(alice, body="409")
    assert (first.status_code, first.json["message"]) == (409, "sold out")
    assert (again.status_code, again.data, again.headers[REPLAYED]) == (409, first.data, "true")
    assert (shop.sold, shop.told) == (0, [])


@pytest.mark.parametrize("fate", ["503", "403"])
def test_faults_and_who_may_are_judged_anew(shop: Shop, alice: FlaskClient, fate: str) -> None:
    shop.fate = fate
    assert order(alice).status_code == int(fate)
    assert (shop.sold, shop.told, kept(shop.app)) == (0, [], 0)
    shop.fate = ""
    assert order(alice).status_code == 201
    assert shop.sold == 1


def test_a_mistake_of_ours_undoes_all(shop: Shop, alice: FlaskClient) -> None:
    assert order(alice, body="crash").status_code == 500
    assert (shop.sold, shop.told, kept(shop.app)) == (0, [], 0)


def test_a_stranger_is_refused_before(shop: Shop, stranger: FlaskClient) -> None:
    assert order(stranger).status_code == 401
    assert kept(shop.app) == 0


@pytest.mark.parametrize("key", ["", "x" * 256, "schlüssel", "tab\there"])
def test_a_key_must_be_one(shop: Shop, alice: FlaskClient, key: str) -> None:
    answer = order(alice, key)
    assert (answer.status_code, answer.json["details"][0]["field"]) == (400, "Idempotency-Key")
    assert shop.sold == 0


def test_any_printable_key_will_do(shop: Shop, alice: FlaskClient) -> None:
    for key in ("x" * 255, "a key of {our} own ~ !", "0"):
        assert [order(alice, key).status_code, order(alice, key).headers[REPLAYED]] == [201, "true"]
    assert shop.sold == 3


def test_what_is_too_large_is_not_kept(shop: Shop, alice: FlaskClient) -> None:
    assert order(alice, body="x" * (256 * 1024 + 1)).status_code == 413
    assert (kept(shop.app), shop.sold) == (0, 0)
    assert order(alice).status_code == 201


def test_an_answer_too_long_to_keep_is_our_mistake(shop: Shop, alice: FlaskClient) -> None:
    shop.answer = "x" * kept_answers.LARGEST
    assert order(alice).status_code == 500
    assert (shop.sold, kept(shop.app)) == (0, 0)


def test_an_answer_is_kept_for_a_day(shop: Shop, alice: FlaskClient) -> None:
    now = datetime.now(UTC)
    order(alice)
    with shop.app.app_context(), time_machine.travel(now + timedelta(hours=23, minutes=59)):
        forget_expired()
    assert kept(shop.app) == 1
    with shop.app.app_context(), time_machine.travel(now + timedelta(hours=24, minutes=1)):
        forget_expired()
    assert kept(shop.app) == 0


def test_an_expired_answer_is_replaced(
    shop: Shop, alice: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_answers, "KEPT", timedelta(0))
    assert [order(alice).json["number"] for _ in range(2)] == [1, 2]
    assert kept(shop.app) == 1


def test_many_expired_answers_go_in_steps(
    shop: Shop, alice: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_answers, "AT_ONCE", 2)
    monkeypatch.setattr(kept_answers, "KEPT", timedelta(0))
    for number in range(5):
        order(alice, str(number))
    with shop.app.app_context():
        forget_expired()
    assert kept(shop.app) == 0


def test_come_back_later_is_kept_until_then(shop: Shop, alice: FlaskClient) -> None:
    assert order(alice, body="429").headers["Retry-After"] == "90"
    now = datetime.now(UTC)
    with time_machine.travel(now + timedelta(seconds=60), tick=False):
        again = order(alice, body="429")
        assert (again.status_code, again.headers[REPLAYED]) == (429, "true")
        assert 28 <= int(again.headers["Retry-After"]) <= 31
    with time_machine.travel(now + timedelta(seconds=91), tick=False):
        assert REPLAYED not in order(alice, body="429").headers


def test_who_waits_too_long_is_told(shop: Shop, alice: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "PATIENCE_SECONDS", 0.2)
    with ThreadPoolExecutor(1) as pool, shop.closed():
        first = pool.submit(order, alice)
        assert shop.inside.wait(30)
        answer = order(as_well_as(alice, shop.app))
        assert (answer.status_code, answer.json["code"]) == (409, "CONFLICT")
        assert answer.headers["Retry-After"] == "1"
        shop.gate.set()
        assert first.result().status_code == 201
    assert order(alice).headers[REPLAYED] == "true"
    assert shop.sold == 1


def test_another_process_waits_for_this_one(
    make_app: MakeApp, shop: Shop, alice: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two applications stand for two processes: each has its own turns."""
    client = as_well_as(alice, Shop(make_app()).app)
    with ThreadPoolExecutor(2) as pool, shop.closed():
        first = pool.submit(order, alice)
        assert shop.inside.wait(30)
        monkeypatch.setattr(idempotency, "_turns", idempotency.Turns())
        waiting = pool.submit(order, client)
        wait_until(lambda: idempotency._turns.wanted == 1, what="the second to come")
        shop.gate.set()
        answers = [first.result(), waiting.result()]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].data == answers[1].data
    assert shop.sold == 1


def test_another_process_does_not_wait_for_ever(
    shop: Shop, alice: FlaskClient, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shop.app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        pytest.skip("there writers of all keys wait for each other")
    monkeypatch.setattr(idempotency, "PATIENCE_SECONDS", 0.2)
    client = as_well_as(alice, Shop(make_app()).app)
    with ThreadPoolExecutor(1) as pool, shop.closed():
        first = pool.submit(order, alice)
        assert shop.inside.wait(30)
        monkeypatch.setattr(idempotency, "_turns", idempotency.Turns())
        assert order(client).status_code == 409
        shop.gate.set()
        assert first.result().status_code == 201


def test_a_hundred_at_once_do_it_once(make_app: MakeApp) -> None:
    shop = Shop(make_app(THREADS="128"))
    add_customer(shop.app, 7, "alice@example.org")
    alice = signed_in(shop.app, "alice@example.org")
    barrier = threading.Barrier(100)

    def send(_number: int) -> tuple[int, bytes, bool]:
        client = as_well_as(alice, shop.app)
        barrier.wait(60)
        while (answer := order(client)).status_code in (409, 503):  # a slow machine: try again, as clients do
            pass
        return answer.status_code, answer.data, REPLAYED in answer.headers

    with ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(send, range(100)))
    assert {(status, body) for status, body, _ in answers} == {(201, b'{"answer":"ordered","number":1}\n')}
    assert [is_repeat for *_, is_repeat in answers].count(False) == 1
    assert (shop.sold, shop.told) == (1, ["tea"])


def test_who_waits_holds_no_connection(shop: Shop, alice: FlaskClient) -> None:
    clients = [as_well_as(alice, shop.app) for _ in range(20)]
    with ThreadPoolExecutor(21) as pool, shop.closed():
        first = pool.submit(order, alice)
        assert shop.inside.wait(30)
        waiting = [pool.submit(order, client) for client in clients]
        wait_until(lambda: idempotency._turns.wanted == 21, what="all to wait")
        with shop.app.app_context():
            assert db.engine.pool.checkedout() == 1  # type: ignore[attr-defined]
        shop.gate.set()
        assert {one.result().status_code for one in (first, *waiting)} == {201}
    assert shop.sold == 1
