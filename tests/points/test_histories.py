"""Random histories: whatever awards, repeats, fails, goes back and is reversed at once, the books are right."""

from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import NamedTuple
from zoneinfo import ZoneInfo

import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import MakeApp, add_customer
from tests.points.awarding import balance, break_inserts, entries, owed, repair
from wihy.core.database import transaction
from wihy.core.errors import Conflict, Unavailable
from wihy.customers.service import change_customer, get_customer
from wihy.points.models import REVERSAL, PointsEntry
from wihy.points.pending import retry_pending
from wihy.points.service import HIGH_ENGAGEMENT, INTERACTION, SUPPORT_INTERACTION, Award, award, reverse

MOST_POINTS, MOST_CENTS = 45, 50
START = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
END = START + timedelta(days=60)
ZONES = ["UTC", "Africa/Nairobi", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"]
AWARDS = [INTERACTION, HIGH_ENGAGEMENT, SUPPORT_INTERACTION]
FAILS = "!"  # the database refuses entries whose reference has it

customer_ids = count(1000)


class Step(NamedTuple):
    """What one transaction does for one of two customers: awards; a reversal of what is there; then, maybe, an end."""

    who: int
    awards: list[tuple[Award, str]]
    reverses: int | None
    goes_back: bool


class Round(NamedTuple):
    """Steps that are taken at once, so many hours after the round before, by customers in these zones."""

    hours: int
    zones: tuple[str, str]
    steps: list[Step]


references = st.sampled_from(["a", "b", "c", "d", "e", f"f{FAILS}", f"g{FAILS}"])
steps = st.builds(
    Step,
    st.integers(0, 1),
    st.lists(st.tuples(st.sampled_from(AWARDS), references), max_size=2),
    st.none() | st.integers(0, 5),
    st.sampled_from([False, False, False, True]),
)
zones = st.sampled_from(ZONES)
rounds = st.builds(
    Round, st.integers(0, 30), st.tuples(zones, zones), st.lists(steps, min_size=2, max_size=4)
)


class Story:
    """Two customers, and what must be true of them."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.ids = (next(customer_ids), next(customer_ids))
        self.zones: dict[int, set[str]] = defaultdict(set)
        self.earned: dict[tuple[int, str, str], set[datetime]] = defaultdict(set)
        for customer_id in self.ids:
            add_customer(app, customer_id)

    def happen(self, told: Round, now: datetime) -> None:
        """Let customers change zones, then take all steps at once."""
        with self.app.app_context(), transaction():
            for customer_id, zone in zip(self.ids, told.zones, strict=True):
                change_customer(get_customer(customer_id), {"timezone": zone})
                self.zones[customer_id].add(zone)
        with ThreadPoolExecutor(len(told.steps) + 1) as threads:
            results = [threads.submit(self._take, step, now) for step in told.steps]
            results.append(threads.submit(self.retry))
        for result in results:
            result.result()

    def _take(self, step: Step, now: datetime) -> None:
        customer_id = self.ids[step.who]
        known = entries(self.app, customer_id)
        with self.app.app_context(), suppress(ZeroDivisionError, Conflict, Unavailable):
            with transaction():
                granted = [award(customer_id, what, reference) for what, reference in step.awards]
                if known and step.reverses is not None:
                    reverse(customer_id, known[step.reverses % len(known)].id, "a mistake")
                if step.goes_back:
                    raise ZeroDivisionError
            for (what, reference), got in zip(step.awards, granted, strict=True):
                self.earned[customer_id, what.action, reference].add(now)
                assert FAILS not in reference or got.points == 0, got

    def retry(self) -> None:
        """Do what the job does."""
        with self.app.app_context():
            retry_pending()

    def check(self) -> None:
        """See that all that was earned is entered once, and nothing over a day's limits."""
        assert owed(self.app) == []
        for customer_id in self.ids:
            made = entries(self.app, customer_id)
            awards = [entry for entry in made if entry.action != REVERSAL]
            assert balance(self.app, customer_id) == _sums(made)
            self._check_awards(customer_id, awards)
            _check_days(awards)
            _check_reversals(awards, [entry for entry in made if entry.action == REVERSAL])

    def _check_awards(self, customer_id: int, awards: list[PointsEntry]) -> None:
        keys = Counter((entry.customer_id, entry.action, entry.reference) for entry in awards)
        assert keys == Counter(key for key in self.earned if key[0] == customer_id)
        for entry in awards:
            moments = self.earned[customer_id, entry.action, entry.reference]
            its_zones = [ZoneInfo(name) for name in self.zones[customer_id]]
            assert entry.day in {at.astimezone(zone).date() for at in moments for zone in its_zones}


def _sums(of: list[PointsEntry]) -> tuple[int, int]:
    return sum(entry.points for entry in of), sum(entry.credit_cents for entry in of)


def _check_days(awards: list[PointsEntry]) -> None:
    full = {what.action: what for what in AWARDS}
    for day in {entry.day for entry in awards}:
        of_the_day = [entry for entry in awards if entry.day == day]
        points, cents = _sums(of_the_day)
        assert points <= MOST_POINTS
        assert cents <= MOST_CENTS
        for entry in of_the_day:
            what = full[entry.action]
            has_no_room = points + what.points > MOST_POINTS or cents + what.credit_cents > MOST_CENTS
            got = (entry.points, entry.credit_cents)
            assert got == ((0, 0) if entry.capped else (what.points, what.credit_cents))
            assert has_no_room or not entry.capped


def _check_reversals(awards: list[PointsEntry], reversals: list[PointsEntry]) -> None:
    by_id = {str(entry.id): entry for entry in awards}
    assert len({entry.reference for entry in reversals}) == len(reversals)
    for entry in reversals:
        assert _sums([entry, by_id[entry.reference]]) == (0, 0)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.lists(rounds, min_size=1, max_size=4))
def _tell(app: Flask, told: list[Round]) -> None:
    story, now = Story(app), START
    break_inserts(app, when=f"replace(NEW.reference, '{FAILS}', '') <> NEW.reference")
    try:
        for each in told:
            now += timedelta(hours=each.hours)
            with time_machine.travel(now, tick=False):
                story.happen(each, now)
    finally:
        repair(app)
    with time_machine.travel(END, tick=False):
        story.retry()
    story.check()


def test_the_books_are_right_whatever_happens(make_app: MakeApp) -> None:
    _tell(make_app(MAX_POINTS_PER_DAY=str(MOST_POINTS), MAX_CREDIT_CENTS_PER_DAY=str(MOST_CENTS)))
