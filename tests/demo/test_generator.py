"""The sample data: the same for a seed, plausible, alive, and in the form of real captures."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from wihy.core.database import db, transaction
from wihy.demo import cast
from wihy.demo.generator import Generator, Row
from wihy.demo.loading import has_events, load
from wihy.tracking import bots
from wihy.tracking.figures import check_day, days_with_events
from wihy.tracking.models import Combination, Event

END = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
COUNT = 20_000


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return list(Generator(COUNT, 1, END).rows())


def test_a_seed_makes_the_same(rows: list[Row]) -> None:
    assert list(Generator(COUNT, 1, END).rows()) == rows
    assert list(Generator(COUNT, 2, END).rows()) != rows


@pytest.mark.parametrize("count", [1, 19, 20, 1_000])
@pytest.mark.parametrize("end", [END, datetime(2026, 3, 1, 0, 0, 1, tzinfo=UTC)])
def test_any_number_at_any_moment(count: int, end: datetime) -> None:
    made = list(Generator(count, 3, end).rows())
    assert len(made) == count
    assert all(end - timedelta(days=90) <= row["timestamp"] <= end for row in made)


def test_it_fills_ninety_days_up_to_now(rows: list[Row]) -> None:
    moments = [row["timestamp"] for row in rows]
    assert len({moment.date() for moment in moments}) == 90
    assert max(moments) <= END
    assert sum(moment > END - timedelta(minutes=5) for moment in moments) >= 5
    assert len({row["id"] for row in rows}) == len(rows)


def test_it_grows_and_rests_at_weekends(rows: list[Row]) -> None:
    days = Counter(row["timestamp"].date() for row in rows)
    ordered = [count for _, count in sorted(days.items())]
    assert sum(ordered[60:88]) > 1.2 * sum(ordered[:28])
    tuesdays, saturdays = ([n for day, n in days.items() if day.weekday() == number] for number in (1, 5))
    assert sum(tuesdays) / len(tuesdays) > 1.2 * sum(saturdays) / len(saturdays)


def test_shares_are_plausible(rows: list[Row]) -> None:
    inbound = [row for row in rows if row["event_type"] == "inbound"]
    outbound = [row for row in rows if row["event_type"] == "outbound"]
    assert 0.02 < sum(row["is_bot"] for row in rows) / COUNT < 0.04
    assert 0.10 < len(outbound) / len(inbound) < 0.30
    assert all(row["destination_url"] for row in outbound)
    assert 0.5 < sum(row["new_visitor"] for row in rows) / COUNT < 0.9
    assert len({row["referrer"] for row in rows} & {name for name, _ in cast.PARTNERS}) >= 55


def test_bots_are_those_that_capture_would_find() -> None:
    assert all(bots.is_bot(agent) for agent in cast.BOTS)
    assert not any(bots.is_bot(agent) for agent in cast.BROWSERS)


def test_old_sessions_are_cleared_as_they_are_from_real_events(rows: list[Row]) -> None:
    assert all(END - row["timestamp"] < timedelta(hours=24) for row in rows if row["session_id"])
    assert any(row["session_id"] for row in rows)


def test_visitors_are_counted_where_they_came_first(rows: list[Row]) -> None:
    people = [row for row in rows if not row["is_bot"]]
    seen = {(row["timestamp"].date(), row["ip_address"]) for row in people}
    assert sum(row["new_visitor"] for row in people) == len(seen)
    assert not any(row["new_visitor"] for row in rows if row["is_bot"])


def test_loading_adds_and_names_each_combination_once(app: Flask) -> None:
    with app.app_context():
        assert not has_events()
        db.session.rollback()
        assert sum(load(6_000, 1, END)) == 6_000
        assert sum(load(500, 1, END + timedelta(hours=1))) == 500
        assert has_events()
        assert db.session.scalar(select(func.count()).select_from(Event)) == 6_500
        named = Combination.id == Event.combination_id
        alone = (
            select(func.count())
            .select_from(Event)
            .outerjoin(Combination, named)
            .where(Combination.id.is_(None))
        )
        assert db.session.scalar(alone) == 0
        event, combination = db.session.execute(
            select(Event, Combination).join(Combination, named).where(Event.event_type == "outbound").limit(1)
        ).one()
        assert (event.referrer, event.campaign) == (combination.referrer, combination.campaign)
        assert "://" not in combination.destination
        days = list(days_with_events())
    with app.app_context(), transaction():
        assert not any(any(check_day(day)) for day in days)
