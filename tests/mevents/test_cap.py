"""A customer's day holds so many interactions and no more, whoever sends them at the same time."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.conftest import MakeApp, add_customer, signed_in
from tests.mevents.stage import send, stored
from wihy.core.database import db, transaction
from wihy.core.viewer import zone_names
from wihy.customers.models import Customer
from wihy.mevents.days import next_midnight
from wihy.mevents.models import Interaction, InteractionDay, InteractionType
from wihy.mevents.refusals import MaxInteractionsExceeded
from wihy.mevents.service import track_interaction
from wihy.points.models import PointsBalance

EVENING = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)  # 23:00 in Nairobi, 15:00 in Bogotá
ZONES = ("UTC", "Africa/Nairobi", "America/Bogota", "Pacific/Kiritimati", "Asia/Kathmandu")
MOMENTS = st.integers(315_532_800, 2_114_380_800).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)  # 1980 to 2037
numbers = count(100)


def noon() -> str:
    """Return a time zone in which no day ends while a test runs."""
    offset = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-offset:+d}"  # its signs are the other way round


def track(app: Flask, customer_id: int) -> int | None:
    """Track an interaction; returns, where the day is full, for how many seconds it is."""
    with app.app_context():
        try:
            with transaction():
                track_interaction(customer_id, InteractionType.RIDE_ADDED)
        except MaxInteractionsExceeded as refusal:
            return int(refusal.headers["Retry-After"])
    return None


def move(app: Flask, customer_id: int, zone: str) -> None:
    with app.app_context(), transaction():
        db.session.get_one(Customer, customer_id).timezone = zone


def test_a_full_day_is_told(make_app: MakeApp) -> None:
    app = make_app(MAX_INTERACTIONS_PER_DAY="2")
    add_customer(app, 7, "alice@example.org", timezone=noon())
    alice = signed_in(app, "alice@example.org")
    answers = [send(alice) for _ in range(3)]
    assert [one.status_code for one in answers] == [201, 201, 429]
    assert answers[2].json["code"] == "MAX_INTERACTIONS_EXCEEDED"
    assert answers[2].json["message"] == "Daily interaction limit exceeded"
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 86_400
    assert stored(app) == 2


def test_a_refusal_says_when_to_come_back_not_when_the_rate_limit_ends(make_app: MakeApp) -> None:
    app = make_app(MAX_INTERACTIONS_PER_DAY="1", RATE_LIMIT_CUSTOMER="1000")
    add_customer(app, 7, "alice@example.org", timezone=noon())
    alice = signed_in(app, "alice@example.org")
    assert send(alice).status_code == 201
    with app.app_context():
        ends_at = db.session.get_one(InteractionDay, 7).ends_at
    left = ends_at - datetime.now(UTC)
    refused, unknown = send(alice), send(alice, eventId=9)
    still_left = ends_at - datetime.now(UTC)
    assert still_left.total_seconds() <= int(refused.headers["Retry-After"]) <= left.total_seconds() + 1
    assert refused.headers["X-RateLimit-Limit"] == "1000"
    assert (unknown.status_code, "Retry-After" in unknown.headers) == (404, False)


def test_what_is_refused_takes_no_place(make_app: MakeApp) -> None:
    app = make_app(MAX_INTERACTIONS_PER_DAY="1")
    add_customer(app, 7, "alice@example.org", timezone=noon())
    alice = signed_in(app, "alice@example.org")
    assert send(alice, eventId=9).status_code == 404
    assert send(alice, metadata={"rideId": 9}).status_code == 404
    assert [send(alice).status_code, send(alice, eventId=9).status_code] == [201, 404]


def test_a_new_time_zone_holds_from_the_next_day(make_app: MakeApp) -> None:
    app = make_app(MAX_INTERACTIONS_PER_DAY="2")
    add_customer(app, 7, timezone="Africa/Nairobi")
    with time_machine.travel(EVENING, tick=False) as clock:
        assert [track(app, 7), track(app, 7)] == [None, None]
        move(app, 7, "America/Bogota")
        clock.shift(timedelta(minutes=30))
        assert track(app, 7) == 30 * 60
        clock.shift(timedelta(minutes=30))  # midnight in Nairobi, where they were
        assert [track(app, 7), track(app, 7), track(app, 7)] == [None, None, 8 * 60 * 60]
        clock.shift(timedelta(hours=8))  # midnight in Bogotá, where they are
        assert track(app, 7) is None


@given(
    zone=st.sampled_from(sorted(zone_names())),
    moment=MOMENTS,
)
@example(zone="Pacific/Apia", moment=datetime(2011, 12, 30, 5, tzinfo=UTC))  # the next day never was
@example(zone="America/St_Johns", moment=datetime(2010, 11, 7, 2, 45, tzinfo=UTC))  # midnight came twice
@example(zone="America/Havana", moment=datetime(2026, 3, 8, 3, tzinfo=UTC))  # midnight is skipped
@settings(max_examples=200, deadline=None)
def test_midnight_is_where_the_date_changes(zone: str, moment: datetime) -> None:
    end = next_midnight(moment, zone)

    def day_at(at: datetime) -> date:
        return at.astimezone(ZoneInfo(zone)).date()

    assert moment < end <= moment + timedelta(hours=49)
    assert day_at(end) > day_at(moment)
    assert day_at(end - timedelta(seconds=1)) == day_at(moment)


def test_fifty_at_once_are_counted_exactly(make_app: MakeApp) -> None:
    app = make_app(MAX_INTERACTIONS_PER_DAY="20")
    add_customer(app, 7, "alice@example.org", timezone=noon())
    alice = signed_in(app, "alice@example.org")
    barrier = threading.Barrier(50)

    def one(_number: int) -> int:
        client: FlaskClient = app.test_client()
        client.environ_base = alice.environ_base
        barrier.wait(60)
        while (status := send(client).status_code) == 503:  # a slow disk: nothing was done
            pass
        return status

    with ThreadPoolExecutor(50) as pool:
        statuses = list(pool.map(one, range(50)))
    assert (statuses.count(201), statuses.count(429)) == (20, 30)
    assert stored(app) == 20
    with app.app_context():
        assert db.session.get_one(PointsBalance, 7).points == 20 * 5


# rounds of some interactions at once: how many, how many minutes after the round before, and in which zone from then on
ROUNDS = st.lists(
    st.tuples(st.integers(1, 6), st.integers(0, 1_500), st.sampled_from((None, *ZONES))),
    min_size=1,
    max_size=5,
)
MOST = 4


@pytest.fixture
def capped(make_app: MakeApp) -> Flask:
    return make_app(MAX_INTERACTIONS_PER_DAY=str(MOST))


@given(rounds=ROUNDS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_history_is_counted_exactly(capped: Flask, rounds: list[tuple[int, int, str | None]]) -> None:
    """The oracle counts by itself: a day begins with the first interaction after the last one's end."""
    customer_id = next(numbers)
    add_customer(capped, customer_id)
    zone, ends_at, used, total = "UTC", EVENING, 0, 0
    with time_machine.travel(EVENING, tick=False) as clock, ThreadPoolExecutor(6) as pool:
        for at_once, minutes, next_zone in rounds:
            clock.shift(timedelta(minutes=minutes))
            now = datetime.now(UTC)
            if now >= ends_at:
                tomorrow = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
                ends_at = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=ZoneInfo(zone))
                used = 0
            answers = list(pool.map(lambda _: track(capped, customer_id), range(at_once)))
            room = min(at_once, MOST - used)
            left = (ends_at - now).total_seconds()
            assert sorted(answers, key=str) == sorted([None] * room + [left] * (at_once - room), key=str)
            used, total = used + room, total + room
            if next_zone:
                zone = next_zone
                move(capped, customer_id, zone)
    with capped.app_context():
        of_customer = select(func.count()).where(Interaction.customer_id == customer_id)
        assert db.session.scalar(of_customer) == total
