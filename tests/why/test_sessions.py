"""A session id: what became of one visit."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.tracking.captures import a_capture
from tests.tracking.test_capture import send
from tests.why.asking import ask, codes, step, verdict
from wihy.core.clock import now
from wihy.tracking.service import capture_events

UUID_ = "5a0c4f5e-3f0b-4a52-9f5c-6c1d3d6a7b10"  # what the script takes for session ids
ARABIC = ("مؤسسة البحيرات الكبرى " * 12)[:255].strip()


@pytest.mark.parametrize("session_id", ["session_123", ARABIC, "50%_off", UUID_, UUID_.upper()])
def test_all_events_of_a_visit_are_judged(
    stranger: FlaskClient, vera: FlaskClient, john: str, session_id: str
) -> None:
    ids = [send(stranger, sessionId=session_id).json["eventId"] for _ in range(2)]
    send(stranger, sessionId=f"{session_id[:200]}x")
    answer = ask(vera, session_id)
    assert verdict(answer) == ("session", "counted")
    assert codes(answer) == ["session_found", "counted", "counted"]
    assert {one["facts"]["eventId"] for one in answer["steps"][1:]} == set(ids)
    assert answer["steps"][0]["facts"] == {"sessionId": session_id, "events": 2}


def test_one_bad_event_of_several_is_told(stranger: FlaskClient, vera: FlaskClient, john: str) -> None:
    send(stranger, sessionId="visit")
    send(stranger, sessionId="visit", userAgent="Googlebot/2.1")
    send(stranger, sessionId="visit", referrer="partner_jhon")
    send(stranger, sessionId="visit", campaign="")
    answer = ask(vera, "visit")
    assert verdict(answer) == ("session", "partly_counted")
    assert answer["verdict"]["message"] == (
        "2 of 3 events shown here did not count as they should. Others were refused."
    )
    assert codes(answer) == ["session_found", "refused", "misspelt_id", "bot", "counted"]
    assert answer["nearest"]["id"] == john


def test_a_visit_of_a_bot_is_a_bots(stranger: FlaskClient, vera: FlaskClient) -> None:
    send(stranger, sessionId="visit", userAgent="Googlebot/2.1")
    assert verdict(ask(vera, "visit")) == ("session", "bot")


def test_a_visit_of_which_all_was_refused(stranger: FlaskClient, vera: FlaskClient) -> None:
    send(stranger, sessionId="visit", campaign="")
    answer = ask(vera, "visit")
    assert verdict(answer) == ("session", "refused")
    assert codes(answer) == ["no_events", "refused"]


def test_a_visit_that_was_refused_in_part(stranger: FlaskClient, vera: FlaskClient, john: str) -> None:
    send(stranger, sessionId="visit")
    for _ in range(2):
        send(stranger, sessionId="visit", campaign="")
    answer = ask(vera, "visit")
    assert verdict(answer) == ("session", "partly_counted")
    assert answer["verdict"]["message"].startswith(
        "2 captures of this session were refused, the newest because"
    )
    assert "What is stored of it counts." in answer["verdict"]["message"]


def test_the_newest_twenty_are_shown(app: Flask, vera: FlaskClient, john: str) -> None:
    with app.app_context():
        capture_events([a_capture(session_id="visit", campaign=f"c{number}") for number in range(30)])
    answer = ask(vera, "visit")
    assert answer["steps"][0]["facts"]["events"] == 30
    assert len(answer["steps"]) == 21
    moments = [one["facts"]["happenedAt"] for one in answer["steps"][1:]]
    assert moments == sorted(moments, reverse=True)


def test_a_session_that_all_share_is_no_visit(app: Flask, vera: FlaskClient) -> None:
    moment = now()
    with app.app_context():
        capture_events([a_capture(session_id="undefined", timestamp=moment) for _ in range(1_001)])
    assert step(ask(vera, "undefined"), "no_single_visit")["state"] == "unknown"


def test_a_visit_nobody_knows(vera: FlaskClient) -> None:
    answer = ask(vera, "no_such_visit")
    assert verdict(answer) == ("unknown", "not_recognised")
    assert "lost its id" in answer["verdict"]["advice"]
    assert "part is missing" in ask(vera, "01a1f804-9a3c-7cfb-b69f-857d4e58d17")["verdict"]["advice"]
