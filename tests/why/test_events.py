"""An event id: what became of it."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, update

from tests.conftest import MakeApp, add_user, signed_in
from tests.tracking.captures import a_capture
from tests.tracking.test_capture import BROWSER, send
from tests.why.asking import ask, codes, step, verdict
from wihy.core.clock import now, to_text
from wihy.core.database import db, transaction
from wihy.partners.models import PartnerAccess
from wihy.partners.service import add_partner, revoke_partner
from wihy.tracking.models import DailyFigure, Event, EventType
from wihy.tracking.service import capture_events


def captured(client: FlaskClient, **fields: object) -> str:
    """Capture an event and return its id."""
    answer = send(client, **fields)
    assert answer.status_code == 201, answer.text
    return str(answer.json["eventId"])


def test_a_click_that_counts(stranger: FlaskClient, vera: FlaskClient, john: str) -> None:
    event_id = captured(stranger, campaign="autumn", landingPage="/a?x=1", sessionId="visit")
    answer = ask(vera, event_id)
    assert verdict(answer) == ("event", "counted")
    today = datetime.now(UTC).date()
    assert (
        f"a click of John on {today.day} {today:%B %Y} (UTC), in the campaign autumn"
        in (answer["verdict"]["message"])
    )
    assert codes(answer) == [
        "received",
        "stored_once",
        "person",
        "counted",
        "new_visitor",
        "partner_active",
    ]
    assert {one["state"] for one in answer["steps"]} == {"ok"}
    received, counted = step(answer, "received")["facts"], step(answer, "counted")["facts"]
    assert (received["eventId"], received["sessionId"], received["landingPage"]) == (
        event_id,
        "visit",
        "/a?x=1",
    )
    assert counted == {
        "countsFor": john,
        "partnerName": "John",
        "day": today.isoformat(),
        "countedAs": "click",
        "campaign": "autumn",
        "landingPage": "/a",
        "sameThatDay": 1,
    }
    assert answer["nearest"] is None


@pytest.mark.parametrize("around", ["{}", "  {}\n", "\u200b{}", "<{}>", "“{}”"])
def test_an_id_is_known_in_any_case_with_anything_around(
    stranger: FlaskClient, vera: FlaskClient, john: str, around: str
) -> None:
    event_id = captured(stranger)
    for spelt in (event_id, event_id.upper(), event_id.replace("-", "")):
        answer = ask(vera, around.format(spelt))
        assert verdict(answer) == ("event", "counted")
        assert answer["query"] == spelt


def test_the_second_event_of_a_day_brings_no_new_visitor(
    stranger: FlaskClient, vera: FlaskClient, john: str
) -> None:
    captured(stranger)
    answer = ask(vera, captured(stranger))
    assert verdict(answer) == ("event", "counted")
    assert step(answer, "known_visitor")["state"] == "ok"
    assert step(answer, "counted")["facts"]["sameThatDay"] == 2


def test_a_bot_by_its_name_counts_nowhere(stranger: FlaskClient, vera: FlaskClient, john: str) -> None:
    answer = ask(vera, captured(stranger, userAgent="Googlebot/2.1"))
    assert verdict(answer) == ("event", "bot")
    assert codes(answer)[-1] == "bot"
    assert step(answer, "bot")["state"] == "problem"
    assert "crawler or link preview" in answer["verdict"]["message"]
    assert step(answer, "bot")["facts"] == {"userAgent": "Googlebot/2.1"}


def test_a_page_loaded_ahead_counts_nowhere(stranger: FlaskClient, vera: FlaskClient, john: str) -> None:
    headers = {"User-Agent": BROWSER, "Sec-Purpose": "prefetch;prerender"}
    sent = stranger.post("/api/tracking/capture", json={"referrer": john}, headers=headers)
    answer = ask(vera, sent.json["eventId"])
    assert verdict(answer) == ("event", "bot")
    assert "loaded the page ahead" in answer["verdict"]["message"]


def test_a_duplicate_leaves_no_trace(stranger: FlaskClient, vera: FlaskClient, john: str) -> None:
    event_id = str(uuid4())
    captured(stranger, eventId=event_id)
    assert send(stranger, eventId=event_id).json["duplicate"] is True
    answer = ask(vera, event_id)
    assert verdict(answer) == ("event", "counted")
    assert "cannot be known" in step(answer, "stored_once")["message"]
    assert "idMadeAt" not in step(answer, "received")["facts"]


def test_one_that_was_refused_first_says_so(stranger: FlaskClient, vera: FlaskClient, john: str) -> None:
    event_id = str(uuid4())
    assert send(stranger, eventId=event_id, campaign="").status_code == 400
    captured(stranger, eventId=event_id)
    answer = ask(vera, event_id)
    assert verdict(answer) == ("event", "counted")
    assert "refused 1 time " in step(answer, "sometimes_refused")["message"]


def test_a_conversion_counts_for_who_came_first(stranger: FlaskClient, vera: FlaskClient, john: str) -> None:
    event_id = captured(
        stranger,
        referrer="lumen",
        originalSource=john,
        eventType="outbound",
        destinationUrl="https://kickstarter.com/a",
    )
    answer = ask(vera, event_id)
    assert verdict(answer) == ("event", "counted_for_first_source")
    assert "a conversion of John" in answer["verdict"]["message"]
    assert "not of lumen" in answer["verdict"]["message"]
    assert step(answer, "counted")["facts"]["destination"] == "Kickstarter"


def test_a_misspelt_id_is_compared_with_partners(stranger: FlaskClient, vera: FlaskClient, john: str) -> None:
    for misspelt in ("partner_jhon", "Partner_John", "partner-john"):
        answer = ask(vera, captured(stranger, referrer=misspelt))
        assert verdict(answer) == ("event", "misspelt_id")
        assert answer["nearest"] == {"kind": "partner", "id": john}
        assert f"ref={john}" in answer["verdict"]["advice"]


def test_a_source_of_its_own_is_nothing_wrong(stranger: FlaskClient, vera: FlaskClient, john: str) -> None:
    answer = ask(vera, captured(stranger, referrer="newsletter"))
    assert verdict(answer) == ("event", "counted")
    assert step(answer, "no_partner")["state"] == "ok"


def test_clicks_of_a_revoked_partner_count_behind_a_closed_page(
    app: Flask, stranger: FlaskClient, vera: FlaskClient, john: str
) -> None:
    with app.app_context(), transaction():
        revoke_partner(john)
    answer = ask(vera, captured(stranger))
    assert verdict(answer) == ("event", "partner_revoked")
    assert step(answer, "counted")["state"] == "ok"
    assert "Restore" in answer["verdict"]["advice"]


def test_clicks_of_an_expired_partner_count_behind_a_closed_page(
    app: Flask, stranger: FlaskClient, vera: FlaskClient, john: str
) -> None:
    with app.app_context(), transaction():
        db.session.execute(update(PartnerAccess).values(expires_at=now() - timedelta(days=1)))
    assert verdict(ask(vera, captured(stranger))) == ("event", "partner_expired")


def test_what_came_beyond_the_days_limit_counts_as_other(make_app: MakeApp) -> None:
    app = make_app(MAX_COMBINATIONS_PER_DAY="1")
    add_user(app, "vera@example.org")
    with app.app_context():
        with transaction():
            add_partner("pat", "Pat", None, None)
        capture_events([a_capture()])
        nobody = capture_events([a_capture(referrer="stranger", original_source="stranger")])
        pat = capture_events([a_capture(referrer="pat", original_source="pat")])
    vera = signed_in(app, "vera@example.org")
    answer = ask(vera, str(nobody[0].id))
    assert verdict(answer) == ("event", "counted_as_other")
    assert "whoever it is for, campaign and page" in step(answer, "counted_as_other")["message"]
    answer = ask(vera, str(pat[0].id))
    assert verdict(answer) == ("event", "counted_as_other")
    assert step(answer, "counted_as_other")["facts"]["countsFor"] == "pat"
    assert "but campaign and page" in step(answer, "counted_as_other")["message"]


def test_an_event_written_by_others_is_not_in_figures(app: Flask, vera: FlaskClient) -> None:
    with app.app_context(), transaction():
        stray = Event(
            referrer="a",
            campaign="c",
            landing_page="/",
            original_source="a",
            event_type=EventType.INBOUND,
            timestamp=now(),
        )
        db.session.add(stray)
        db.session.flush()
        event_id = str(stray.id)
    answer = ask(vera, event_id)
    assert verdict(answer) == ("event", "not_in_figures")
    assert "figures rebuild" in answer["verdict"]["advice"]
    assert step(answer, "no_visitor")["state"] == "ok"


def test_an_event_that_the_figures_lack_is_told_of(
    app: Flask, stranger: FlaskClient, vera: FlaskClient
) -> None:
    event_id = captured(stranger)
    with app.app_context(), transaction():
        db.session.execute(delete(DailyFigure))
    assert verdict(ask(vera, event_id)) == ("event", "not_in_figures")


def test_a_late_event_counts_on_the_day_it_happened(
    stranger: FlaskClient, vera: FlaskClient, john: str
) -> None:
    then = now() - timedelta(days=2)
    answer = ask(vera, captured(stranger, timestamp=to_text(then)))
    assert step(answer, "counted")["facts"]["day"] == then.date().isoformat()
