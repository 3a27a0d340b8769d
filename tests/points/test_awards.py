"""Awards: once for each reference, within the customer's day, and never at the cost of what earned them."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
import time_machine
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.conftest import MakeApp, add_customer
from tests.points.awarding import balance, break_inserts, entries, give, owed, repair, run
from tests.servers.processes import wait_until
from wihy.core.database import db, is_postgresql, transaction
from wihy.customers.models import Customer
from wihy.customers.service import change_customer, get_customer
from wihy.points.pending import retry_pending
from wihy.points.service import (
    HIGH_ENGAGEMENT,
    INTERACTION,
    OWED,
    SUPPORT_INTERACTION,
    SUPPORT_TICKET_CREATED,
    TICKET_CLOSURE,
    Award,
    Granted,
    award,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NOTHING = Granted(0, 0, None)


@pytest.fixture
def app(app: Flask) -> Flask:
    """The application, which knows two customers."""
    add_customer(app, 7, timezone="Africa/Nairobi")
    add_customer(app, 8)
    return app


@pytest.mark.parametrize(
    ("what", "action", "points", "cents"),
    [
        (INTERACTION, "interaction", 5, 0),
        (HIGH_ENGAGEMENT, "high_engagement", 20, 0),
        (SUPPORT_INTERACTION, "support_interaction", 10, 20),
        (SUPPORT_TICKET_CREATED, "support_ticket_created", 5, 0),
        (TICKET_CLOSURE, "ticket_closure", 5, 0),
    ],
)
def test_what_each_award_is(app: Flask, what: Award, action: str, points: int, cents: int) -> None:
    assert give(app, "thing:1", what) == Granted(points, cents, None)
    entry = entries(app)[0]
    assert (entry.action, entry.reference, entry.points, entry.credit_cents) == (
        action,
        "thing:1",
        points,
        cents,
    )
    assert not entry.capped
    assert balance(app) == (points, cents)


def test_the_same_is_awarded_once(app: Flask) -> None:
    assert give(app, "ticket:1:created", SUPPORT_INTERACTION) == Granted(10, 20, None)
    assert give(app, "ticket:1:created", SUPPORT_INTERACTION) == NOTHING
    assert give(app, "ticket:1:escalated", SUPPORT_INTERACTION) == Granted(10, 20, None)
    assert give(app, "ticket:1:created", SUPPORT_TICKET_CREATED) == Granted(5, 0, None)
    assert give(app, "ticket:1:created", SUPPORT_INTERACTION, customer_id=8) == Granted(10, 20, None)
    assert balance(app) == (25, 40)
    assert balance(app, 8) == (10, 20)


def test_what_is_rolled_back_was_never_awarded(app: Flask) -> None:
    with app.app_context(), suppress(ZeroDivisionError), transaction():
        award(7, INTERACTION, "interaction:1")
        raise ZeroDivisionError
    assert balance(app) == (0, 0)
    assert give(app, "interaction:1") == Granted(5, 0, None)


def test_over_a_days_points_a_zero_entry_says_so(make_app: MakeApp) -> None:
    app = make_app(MAX_POINTS_PER_DAY="24")
    add_customer(app, 7)
    with time_machine.travel(NOON):
        assert give(app, "engagement:1", HIGH_ENGAGEMENT) == Granted(20, 0, None)
        assert give(app, "interaction:1") == NOTHING  # all of an award, or nothing of it
        assert give(app, "interaction:1", Award("other", 4)) == Granted(4, 0, None)
    assert [(entry.points, entry.capped) for entry in entries(app)] == [(20, False), (0, True), (4, False)]
    with time_machine.travel(NOON + timedelta(days=1)):
        assert give(app, "interaction:1") == NOTHING  # what was capped stays so
        assert give(app, "interaction:2") == Granted(5, 0, None)
    assert balance(app) == (29, 0)


def test_over_a_days_credit_the_points_go_with_it(app: Flask) -> None:
    with time_machine.travel(NOON):
        granted = [give(app, f"ticket:{number}:created", SUPPORT_INTERACTION) for number in range(11)]
        assert granted == [Granted(10, 20, None)] * 10 + [NOTHING]
        assert give(app, "interaction:1") == Granted(5, 0, None)
    assert balance(app) == (105, 200)
    assert [entry.reference for entry in entries(app) if entry.capped] == ["ticket:10:created"]


def test_the_day_is_the_customers_own(make_app: MakeApp) -> None:
    app = make_app(MAX_POINTS_PER_DAY="5")
    add_customer(app, 7, timezone="Africa/Nairobi")  # midnight is at 21:00 UTC
    add_customer(app, 8, timezone="Pacific/Pago_Pago")  # at 11:00 UTC
    for moment, points in (("20:59", (5, 5)), ("21:00", (5, 0)), ("10:59", (0, 0)), ("11:00", (0, 5))):
        day = "2026-11-21" if moment in ("10:59", "11:00") else "2026-11-20"
        with time_machine.travel(f"{day}T{moment}:00Z"):
            granted = tuple(give(app, moment, customer_id=customer_id).points for customer_id in (7, 8))
        assert granted == points, moment


def test_a_customer_who_changes_zones_wins_no_day_twice(make_app: MakeApp) -> None:
    app = make_app(MAX_POINTS_PER_DAY="5")
    add_customer(app, 7)
    granted = []
    for number, zone in enumerate(["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"] * 3):
        with time_machine.travel(NOON), app.app_context(), transaction():
            change_customer(get_customer(7), {"timezone": zone})
            granted.append(award(7, INTERACTION, f"interaction:{number}").points)
    assert granted == [5, 5, 0, 0, 0, 0, 0, 0, 0]  # two of them are on the same day


def test_limits_hold_and_nothing_is_awarded_twice_among_many_at_once(make_app: MakeApp) -> None:
    app = make_app(MAX_POINTS_PER_DAY="50")
    add_customer(app, 7)
    all_ready = Barrier(4)

    def hurry(worker: int) -> list[Granted]:
        all_ready.wait(20)
        return [give(app, f"interaction:{(worker * 4 + turn) % 16}") for turn in range(8)]

    with time_machine.travel(NOON, tick=False), ThreadPoolExecutor(4) as threads:
        granted = [one for each in threads.map(hurry, range(4)) for one in each]
    assert [one.error for one in granted] == [None] * 32
    assert sum(one.points for one in granted) == 50
    assert balance(app) == (50, 0)
    found = entries(app)
    assert len({entry.reference for entry in found}) == len(found) == 16
    assert sum(entry.capped for entry in found) == 6


@pytest.mark.parametrize("table", ["points_ledger", "points_balances"])
def test_a_failing_award_costs_nothing_else_and_is_entered_later(app: Flask, table: str) -> None:
    break_inserts(app, table)
    with time_machine.travel(NOON) as clock:
        with app.app_context(), transaction():
            change_customer(get_customer(7), {"display_name": "before"})
            granted = award(7, INTERACTION, "interaction:1")
            change_customer(get_customer(8), {"display_name": "after"})
        assert granted[:2] == (0, 0)
        assert granted.error == "Points could not be added now: they will be, within hours"
        with app.app_context():
            names = [db.session.get_one(Customer, customer_id).display_name for customer_id in (7, 8)]
        assert names == ["before", "after"]
        assert balance(app) == (0, 0)
        clock.shift(timedelta(hours=1))
        retry(app)
        assert [(one.reference, one.attempts) for one in owed(app)] == [("interaction:1", 2)]
        repair(app, table)
        clock.shift(timedelta(hours=10))  # midnight is over where the customer is
        retry(app)
    assert owed(app) == []
    assert balance(app) == (5, 0)
    assert str(entries(app)[0].day) == "2026-11-20"


def retry(app: Flask) -> None:
    with app.app_context():
        retry_pending()


def test_an_award_is_not_tried_before_its_pause_is_over(app: Flask) -> None:
    break_inserts(app)
    with time_machine.travel(NOON, tick=False) as clock:
        give(app, "interaction:1")
        repair(app)
        retry(app)
        assert len(owed(app)) == 1
        clock.shift(timedelta(minutes=2))
        retry(app)
        assert owed(app) == []


def test_what_is_owed_and_awarded_meanwhile_is_entered_once(app: Flask) -> None:
    break_inserts(app)
    with time_machine.travel(NOON) as clock:
        for _ in range(2):
            assert give(app, "interaction:1").error is not None
        assert len(owed(app)) == 1
        repair(app)
        assert give(app, "interaction:1") == Granted(5, 0, None)
        clock.shift(timedelta(hours=1))
        retry(app)
    assert owed(app) == []
    assert balance(app) == (5, 0)


def test_workers_enter_what_is_owed_together(app: Flask) -> None:
    break_inserts(app)
    with time_machine.travel(NOON) as clock:
        for number in range(12):
            give(app, f"interaction:{number}")
        repair(app)
        clock.shift(timedelta(hours=1))
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda _: retry(app), range(4)))
    assert owed(app) == []
    assert balance(app) == (60, 0)


def test_a_failure_that_cannot_even_be_noted_costs_nothing_else(app: Flask) -> None:
    run(app, "DROP TABLE pending_awards")
    break_inserts(app)
    with app.app_context(), transaction():
        granted = award(7, INTERACTION, "interaction:1")
        change_customer(get_customer(7), {"display_name": "after"})
    assert granted == Granted(0, 0, "Points could not be added")
    with app.app_context():
        assert db.session.get_one(Customer, 7).display_name == "after"


def test_who_is_owed_something_is_awarded_the_rest_whoever_else_awards_them(app: Flask) -> None:
    with app.app_context():
        if not is_postgresql():
            pytest.skip("there writers take turns")
    break_inserts(app, when="NEW.reference = 'broken'")

    def award_all(*references: str) -> list[Granted]:
        with app.app_context(), transaction():
            return [award(7, INTERACTION, reference) for reference in references]

    with ThreadPoolExecutor(1) as threads, app.app_context(), transaction():
        first = award(7, INTERACTION, "broken")
        other = threads.submit(award_all, "other", "broken")
        wait_until(lambda: is_one_waiting(app), what="the other to wait")
        second = award(7, INTERACTION, "another")
    assert [first, second] == [Granted(0, 0, OWED), Granted(5, 0, None)]
    assert other.result() == [Granted(5, 0, None), Granted(0, 0, OWED)]
    assert balance(app) == (10, 0)
    assert [one.reference for one in owed(app)] == ["broken"]


def is_one_waiting(app: Flask) -> bool:
    """Whether a transaction waits for a lock."""
    with app.app_context(), db.engine.connect() as connection:
        return bool(connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))


def test_nobody_is_owed_nothing(app: Flask) -> None:
    assert give(app, "interaction:1", customer_id=9) == Granted(0, 0, "There is no such customer")
    assert owed(app) == []


def test_a_lost_connection_is_told_as_one(app: Flask) -> None:
    with app.app_context():
        if not is_postgresql():
            pytest.skip("SQLite has no connection to lose")
    statements = """
    CREATE FUNCTION die() RETURNS trigger AS 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END'
    LANGUAGE plpgsql; CREATE TRIGGER dies BEFORE INSERT ON points_ledger FOR EACH ROW EXECUTE FUNCTION die()
    """
    run(app, statements)
    with app.app_context(), pytest.raises(OperationalError), transaction():
        award(7, INTERACTION, "interaction:1")
    with app.app_context():
        assert db.session.scalar(text("SELECT 1")) == 1
