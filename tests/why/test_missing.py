"""An event id that is not stored: what can be known, and what cannot."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.tracking.captures import a_capture
from tests.tracking.test_capture import PATH, send
from tests.why.asking import ask, codes, step, verdict
from wihy.core.clock import now, to_text
from wihy.core.database import db, transaction
from wihy.core.ids import new_id
from wihy.tracking.models import CaptureRefusal
from wihy.tracking.service import capture_events
from wihy.why import missing


def id_of(moment: datetime) -> str:
    """Return a UUIDv7 that was made at `moment`."""
    milliseconds = int(moment.timestamp() * 1000)
    return str(UUID(int=milliseconds << 80 | new_id().int & ((1 << 80) - 1)))


def test_one_never_received_tells_when_it_was_made(vera: FlaskClient) -> None:
    made = now() - timedelta(hours=3)
    answer = ask(vera, id_of(made))
    assert verdict(answer) == ("event", "never_received")
    assert codes(answer) == ["not_stored", "id_made_at", "not_refused"]
    assert step(answer, "id_made_at")["facts"]["idMadeAt"] == to_text(made)
    assert "3 hours ago" in step(answer, "id_made_at")["message"]
    assert "for a week" in answer["verdict"]["advice"]


def test_one_that_does_not_tell_when_it_was_made(vera: FlaskClient) -> None:
    answer = ask(vera, str(uuid4()))
    assert verdict(answer) == ("event", "never_received")
    assert step(answer, "id_without_time")["state"] == "unknown"


def test_one_from_the_future(vera: FlaskClient) -> None:
    answer = ask(vera, id_of(now() + timedelta(days=400)))
    assert verdict(answer) == ("event", "never_received")
    assert step(answer, "id_from_the_future")["state"] == "unknown"


def test_one_older_than_refusals_are_kept(app: Flask, vera: FlaskClient) -> None:
    with app.app_context():
        capture_events([a_capture(timestamp=now() - timedelta(days=40))])
    answer = ask(vera, id_of(now() - timedelta(days=8)))
    assert verdict(answer) == ("event", "never_received")
    assert step(answer, "refusals_deleted")["state"] == "unknown"
    assert "refused longer than 7 days ago" in answer["verdict"]["message"]


def test_one_older_than_all_events_may_have_been_deleted(app: Flask, vera: FlaskClient) -> None:
    with app.app_context():
        capture_events([a_capture()])
    answer = ask(vera, id_of(now() - timedelta(days=90)))
    assert verdict(answer) == ("event", "cannot_be_known")
    assert answer["verdict"]["state"] == "unknown"
    assert "oldestEventAt" in step(answer, "before_all_events")["facts"]


@pytest.mark.parametrize("spell", [str.lower, str.upper])
def test_one_that_was_refused_says_why(stranger: FlaskClient, vera: FlaskClient, spell: type[str]) -> None:
    event_id = str(new_id())
    assert send(stranger, eventId=spell(event_id), campaign="").status_code == 400
    answer = ask(vera, event_id)
    assert verdict(answer) == ("event", "refused")
    assert "campaign: " in step(answer, "refused")["facts"]["reason"]
    assert step(answer, "refused")["facts"]["referrer"] == "partner_john"


def test_one_from_a_foreign_page_says_so(stranger: FlaskClient, vera: FlaskClient) -> None:
    """The body is not judged, but read: or nobody could be told whose click it was."""
    event_id = str(new_id())
    body = {"referrer": "partner_john", "eventId": event_id}
    refused = stranger.post(PATH, json=body, headers={"Origin": "https://shop.example"})
    assert refused.status_code == 403
    answer = ask(vera, event_id)
    assert verdict(answer) == ("event", "refused")
    assert "may not send captures" in answer["verdict"]["message"]
    assert "ALLOWED_ORIGINS" in answer["verdict"]["advice"]


def test_each_of_a_refused_batch_is_remembered(stranger: FlaskClient, vera: FlaskClient) -> None:
    ids = [str(new_id()) for _ in range(2)]
    body = {"events": [{"referrer": "partner_john", "eventId": event_id} for event_id in ids]}
    refused = stranger.post(f"{PATH}/batch", json=body, headers={"Origin": "https://shop.example"})
    assert refused.status_code == 403
    assert [verdict(ask(vera, event_id)) for event_id in ids] == [("event", "refused")] * 2


def test_what_was_refused_unread_may_have_been_it(stranger: FlaskClient, vera: FlaskClient) -> None:
    assert stranger.post(PATH, data=b"{", content_type="application/json").status_code == 400
    answer = ask(vera, str(new_id()))
    assert verdict(answer) == ("event", "never_received")
    assert step(answer, "refused_unread")["facts"]["count"] == 1


def test_a_day_with_too_many_refusals_remembers_not_all(
    app: Flask, vera: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wihy.tracking.queries.MOST_PER_DAY", 1)
    with app.app_context(), transaction():
        db.session.add(CaptureRefusal(at=datetime.now(UTC), reason="INVALID_REQUEST", referrer="x"))
    assert step(ask(vera, str(new_id())), "refusals_too_many")["state"] == "unknown"


def test_refusals_of_a_later_day_are_looked_at_too() -> None:
    days = missing._days(now() - timedelta(days=2))
    assert [day.date() for day in days] == [(now() - timedelta(days=ago)).date() for ago in (2, 1, 0)]
