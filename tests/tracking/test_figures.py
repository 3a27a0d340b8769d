"""The figures written with captures equal a recount, and can be proved and repaired."""

from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text, update

from tests.tracking.captures import a_capture
from wihy.core.clock import now
from wihy.core.database import db, transaction
from wihy.tracking.capture import Capture
from wihy.tracking.figures import check_day, days_with_events
from wihy.tracking.models import DailyFigure, Event, EventType, QuarterHourFigure
from wihy.tracking.service import capture_events

captures = st.builds(
    a_capture,
    id=st.integers(1, 12).map(lambda number: UUID(int=number)),
    referrer=st.sampled_from("ab"),
    original_source=st.sampled_from(["a", "b", "face book", 'quo"te\\', "{x,y}"]),
    campaign=st.sampled_from(["c", 'quo"te', "back\\slash", "NULL", "null", "ü,{}"]),
    landing_page=st.sampled_from(["/", "/a?b", "https://other.example/x"]),
    destination_url=st.sampled_from([None, "https://kickstarter.com/x"]),
    event_type=st.sampled_from(list(EventType)),
    address=st.sampled_from([None, "203.0.113.1", "203.0.113.2"]),
    user_agent=st.sampled_from([None, "", "Mozilla"]),
    session_id=st.sampled_from([None, "", "s"]),
    is_bot=st.booleans(),
    timestamp=st.integers(0, 3 * 86_400).map(lambda seconds: now() - timedelta(seconds=seconds)),
)


def differences(app: Flask) -> list[tuple[int, int]]:
    with app.app_context():
        found = []
        for day in list(days_with_events()):
            with transaction():
                found.append(tuple(check_day(day)))
    return [one for one in found if any(one)]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(batches=st.lists(st.lists(captures, min_size=1, max_size=10), min_size=1, max_size=4))
def test_figures_equal_a_recount_after_any_batches(app: Flask, batches: list[list[Capture]]) -> None:
    with app.app_context():
        for batch in batches:
            capture_events(batch)
        stored = {event.id: event for event in db.session.scalars(select(Event))}
        for batch in reversed(batches):
            for capture in batch:
                assert stored[capture.id].campaign
    assert differences(app) == []


def test_texts_are_stored_as_they_are(app: Flask) -> None:
    odd = ['quo"te', "back\\slash", "NULL", "{a,b}", "'", "\\\\", '"', "مؤسسة", "🦊", "%s %(x)s :y"]
    sent = [a_capture(campaign=text, original_source=text) for text in odd]
    with app.app_context():
        capture_events(sent)
        found = {
            event.id: (event.campaign, event.original_source) for event in db.session.scalars(select(Event))
        }
    assert found == {capture.id: (capture.campaign, capture.original_source) for capture in sent}


def test_check_finds_what_is_wrong_and_rebuild_repairs_it(app: Flask) -> None:
    with app.app_context():
        capture_events([a_capture(), a_capture(is_bot=True), a_capture(event_type=EventType.OUTBOUND)])
        with transaction():
            db.session.execute(update(DailyFigure).values(events=DailyFigure.events + 1))
            db.session.execute(delete(QuarterHourFigure))
    runner = app.test_cli_runner()
    wrong = runner.invoke(args=["figures", "check"])
    assert wrong.exit_code == 1
    assert "figures rebuild" in wrong.output
    assert runner.invoke(args=["figures", "rebuild"]).exit_code == 0
    right = runner.invoke(args=["figures", "check"])
    assert (right.exit_code, "All figures are right" in right.output) == (0, True)


def test_rebuild_gives_events_of_others_their_place(app: Flask) -> None:
    with app.app_context():
        db.session.execute(
            text("INSERT INTO tracking_events (referrer, campaign, landing_page) VALUES ('a', 'b', '/c?d')")
        )
        db.session.commit()
    assert app.test_cli_runner().invoke(args=["figures", "rebuild"]).exit_code == 0
    with app.app_context():
        assert db.session.scalars(select(DailyFigure.events)).all() == [1]
    assert differences(app) == []


@pytest.mark.parametrize("command", ["check", "rebuild"])
def test_nothing_captured_is_nothing_wrong(app: Flask, command: str) -> None:
    assert app.test_cli_runner().invoke(args=["figures", command]).exit_code == 0
