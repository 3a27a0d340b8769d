"""Any history of requests with and without keys, many of them at once, is answered as one at a time would be."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tests.conftest import add_customer, signed_in
from tests.core.shop import Shop, order

REPLAYED = "Idempotency-Replayed"
FATES = {"409": 409, "503": 503, "429": 429, "403": 403}
NOT_KEPT = {"503", "403"}
histories = count()


class Sent(NamedTuple):
    """A request: whose, by what key, and with what body, which is its fate."""

    person: int
    key: str | None
    body: str


SENT = st.builds(
    Sent,
    st.integers(0, 1),
    st.sampled_from([None, "a", "b", "c"]),
    st.sampled_from(["", "", "milk", "409", "503", "429", "403"]),
)
ROUNDS = st.lists(st.lists(SENT, min_size=1, max_size=6), min_size=1, max_size=3)


@dataclass
class Kept:
    """What the oracle remembers of a key."""

    body: str
    status: int
    data: bytes


@pytest.fixture
def shop(app: Flask) -> Shop:
    return Shop(app)


@pytest.fixture
def people(shop: Shop) -> list[FlaskClient]:
    emails = {7: "alice@example.org", 8: "bob@example.org"}
    for number, email in emails.items():
        add_customer(shop.app, number, email)
    return [signed_in(shop.app, email) for email in emails.values()]


@given(rounds=ROUNDS)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_history_is_answered_as_one_at_a_time(
    shop: Shop, people: list[FlaskClient], rounds: list[list[Sent]]
) -> None:
    item = f"item{next(histories)}"  # keys of earlier histories do not count for it
    known: dict[tuple[int, str], Kept] = {}
    sold = shop.sold

    def ask(sent: Sent) -> TestResponse:
        client = shop.app.test_client()
        client.environ_base = people[sent.person].environ_base
        return order(client, sent.key, sent.body, item)

    with ThreadPoolExecutor(6) as pool:
        for together in rounds:
            answers = list(zip(together, pool.map(ask, together), strict=True))
            for name in {(sent.person, sent.key) for sent in together if sent.key}:
                judge(known, name, [pair for pair in answers if pair[0][:2] == name])
            for sent, answer in answers:
                if sent.key is None:
                    assert (answer.status_code, REPLAYED in answer.headers) == (fate_of(sent), False)
                sold += answer.status_code == 201 and REPLAYED not in answer.headers
            assert shop.sold == sold


def fate_of(sent: Sent) -> int:
    return FATES.get(sent.body, 201)


def judge(
    known: dict[tuple[int, str], Kept], name: tuple[int, str], answers: Sequence[tuple[Sent, TestResponse]]
) -> None:
    """Check the answers to one key: one was kept, the first of those that are; before it, others were judged anew."""
    firsts = [
        (sent, answer)
        for sent, answer in answers
        if REPLAYED not in answer.headers and not is_conflict(answer) and sent.body not in NOT_KEPT
    ]
    can_be_kept = [sent for sent, _ in answers if sent.body not in NOT_KEPT]
    assert len(firsts) == (name not in known and bool(can_be_kept))
    was_known = name in known
    for sent, answer in firsts:
        assert answer.status_code == fate_of(sent)
        known[name] = Kept(sent.body, answer.status_code, answer.data)
    kept = known.get(name)
    for sent, answer in answers:
        if kept and sent.body == kept.body:
            assert (answer.status_code, answer.data) == (kept.status, kept.data)
        elif is_conflict(answer):
            assert kept
        else:
            assert not was_known
            assert (answer.status_code, sent.body in NOT_KEPT) == (fate_of(sent), True)


def is_conflict(answer: TestResponse) -> bool:
    return answer.json["code"] == "IDEMPOTENCY_CONFLICT" if answer.status_code == 409 else False
