"""Invented texts cannot make the figures grow without end."""

from datetime import date

from flask import Flask
from sqlalchemy import func, select

from tests.conftest import MakeApp
from tests.tracking.captures import a_capture
from wihy.core.database import db, transaction
from wihy.partners.service import add_partner
from wihy.tracking.models import Combination, Event, EventType
from wihy.tracking.service import capture_events


def combinations(app: Flask) -> list[tuple[str, str, str, str, str | None]]:
    with app.app_context():
        return [
            (one.referrer, one.original_source, one.campaign, one.landing_page, one.destination)
            for one in db.session.scalars(select(Combination).order_by(Combination.id))
        ]


def test_beyond_the_days_limit_new_texts_count_as_other(make_app: MakeApp) -> None:
    app = make_app(MAX_COMBINATIONS_PER_DAY="3")
    with app.app_context():
        with transaction():
            add_partner("pat", "Pat", None, None)
        for number in range(3):
            capture_events([a_capture(campaign=f"c{number}")])
        capture_events(
            [a_capture(campaign=f"invented{number}", referrer=f"r{number}") for number in range(50)]
        )
        capture_events([a_capture(referrer="pat", original_source="pat", landing_page="/x")])
        capture_events(
            [
                a_capture(
                    event_type=EventType.OUTBOUND, destination_url="https://kickstarter.com", campaign="new"
                )
            ]
        )
        capture_events([a_capture(campaign="c1")])
        assert db.session.scalar(select(func.count()).select_from(Event)) == 56
        assert len(db.session.scalars(select(Event.campaign).distinct()).all()) == 55
    other = "(other)"
    assert combinations(app)[3:] == [
        (other, other, other, other, None),
        ("pat", "pat", other, other, None),
        (other, other, other, other, other),
    ]


def test_an_id_that_was_seen_before_that_day_is_kept(make_app: MakeApp) -> None:
    app = make_app(MAX_COMBINATIONS_PER_DAY="1")
    with app.app_context():
        capture_events([a_capture(referrer="old", original_source="older")])
        with transaction():
            db.session.scalars(select(Combination)).one().first_seen_on = date(2020, 1, 1)
        capture_events([a_capture(campaign="takes the place")])
        capture_events([a_capture(referrer="older", original_source="old", campaign="beyond")])
    assert combinations(app)[-1] == ("older", "old", "(other)", "(other)", None)


def test_what_is_counted_as_other_is_remembered_so(make_app: MakeApp) -> None:
    app = make_app(MAX_COMBINATIONS_PER_DAY="1")
    with app.app_context():
        for _ in range(3):
            capture_events([a_capture(campaign="kept")])
            capture_events([a_capture(campaign="beyond")])
    assert len(combinations(app)) == 2
