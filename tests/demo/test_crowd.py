"""The crowd: the same for a seed, of the shape an installation has, loaded in the form captures leave."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, inspect, select

from tests.conftest import MakeApp
from wihy.core.database import db, transaction
from wihy.demo import bulk
from wihy.demo.crowd import Click, Crowd
from wihy.tracking import bots
from wihy.tracking.combinations import CombinationTexts
from wihy.tracking.figures import check_day, days_with_events
from wihy.tracking.models import Combination, DailyVisitor, Event

END = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
COUNT = 20_000


def made(count: int = COUNT, seed: int = 1, end: datetime = END) -> list[Click]:
    return [click for _, clicks in Crowd(count, seed, end).days() for click in clicks]


def test_a_seed_makes_the_same() -> None:
    assert made() == made()
    assert made() != made(seed=2)


@pytest.mark.parametrize("count", [1, 19, 1_000])
@pytest.mark.parametrize("end", [END, datetime(2026, 3, 1, 0, 0, 1, tzinfo=UTC)])
def test_any_number_at_any_moment(count: int, end: datetime) -> None:
    days = list(Crowd(count, 3, end).days())
    moments = [
        datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(milliseconds=click.at)
        for day, clicks in days
        for click in clicks
    ]
    assert len(moments) == count
    assert all(end - timedelta(days=90) <= moment <= end for moment in moments)
    assert moments == sorted(moments)


def test_shares_are_plausible() -> None:
    crowd = Crowd(COUNT, 1, END)
    clicks = made()
    ways = Counter(crowd.ways[click.way].event_type for click in clicks)
    assert 0.02 < sum(click.is_bot for click in clicks) / COUNT < 0.03
    assert 0.10 < ways["outbound"] / COUNT < 0.30
    assert 0.4 < sum(click.new_visitor for click in clicks) / COUNT < 0.8
    assert len({way.referrer for way in crowd.ways}) == 300
    assert 6_000 < len({way[:6] for way in crowd.ways}) < 7_000
    assert len({click.id for click in clicks}) == COUNT


def test_bots_are_those_that_capture_would_find() -> None:
    agents = {(click.visitor.user_agent, click.is_bot) for click in made()}
    assert all(bots.is_bot(agent) is is_bot for agent, is_bot in agents)


def test_loading_leaves_what_captures_leave(app: Flask) -> None:
    with app.app_context():
        days = [day for day, _ in bulk.load(3_000, 1, END)]
        assert list(bulk.count_figures(days)) == days
        assert bulk.row_counts()["tracking_events"] == 3_000
    with app.app_context(), transaction():
        assert not any(any(check_day(day)) for day in list(days_with_events()))
    with app.app_context():
        kept = END.date() - timedelta(days=8)
        new_visitors = select(func.count()).where(Event.new_visitor)
        assert db.session.scalar(
            new_visitors.where(Event.timestamp >= datetime(2026, 11, 12, tzinfo=UTC))
        ) == (db.session.scalar(select(func.count()).select_from(DailyVisitor)))
        assert db.session.scalar(select(func.min(DailyVisitor.day))) == kept
        outbound = select(Event, Combination).join(Combination, Combination.id == Event.combination_id)
        event, combination = db.session.execute(outbound.where(Event.event_type == "outbound").limit(1)).one()
        assert (event.referrer, event.campaign) == (combination.referrer, combination.campaign)
        texts = CombinationTexts(*(getattr(combination, name) for name in CombinationTexts._fields))
        assert bytes(combination.digest) == texts.digest()


def test_loading_keeps_the_indexes(app: Flask) -> None:
    def indexes() -> list[str]:
        with app.app_context():
            return sorted(index["name"] or "" for index in inspect(db.engine).get_indexes("tracking_events"))

    before = indexes()
    with app.app_context():
        list(bulk.load(100, 1, END))
    assert indexes() == before


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["demo", "load", *words])


def test_the_command_tells_what_is_there(app: Flask) -> None:
    said = run(app, "--events", "500", "--until", "2026-11-20")
    assert said.exit_code == 0, said.output
    assert "tracking_events               500" in said.output
    checked = app.test_cli_runner().invoke(args=["figures", "check"])
    assert checked.exit_code == 0, checked.output


def test_it_keeps_out_of_a_database_that_has_events(app: Flask) -> None:
    assert run(app, "--events", "50").exit_code == 0
    again = run(app, "--events", "50")
    assert again.exit_code == 1
    assert "--yes" in again.output
    assert run(app, "--events", "50", "--seed", "2", "--yes").exit_code == 0
    with app.app_context():
        assert bulk.row_counts()["tracking_events"] == 100


def test_the_same_events_cannot_be_loaded_twice(app: Flask) -> None:
    words = ("--events", "50", "--until", "2026-11-20", "--yes")
    assert run(app, *words).exit_code == 0
    again = run(app, *words)
    assert again.exit_code == 1
    assert "--seed" in again.output


def test_it_keeps_out_of_production(make_app: MakeApp) -> None:
    said = run(make_app(WIHY_ENV="production"), "--events", "50")
    assert said.exit_code == 1
    assert "production" in said.output
