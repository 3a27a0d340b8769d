"""Batches: each event is judged by itself."""

from typing import Any
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.tracking.test_capture import BROWSER, PATH, stored
from tests.tracking.test_senders import add_key


def send_batch(client: FlaskClient, events: list[Any], **headers: str) -> TestResponse:
    return client.post(
        PATH + "/batch",
        json={"events": events},
        headers={"User-Agent": BROWSER, **headers},
    )


def test_the_good_are_stored_and_the_bad_reported_by_index(app: Flask, stranger: FlaskClient) -> None:
    event_id = str(uuid4())
    answer = send_batch(
        stranger,
        [
            {"referrer": "a", "eventId": event_id},
            {"referrer": "a b", "campaign": ""},
            {
                "referrer": "b",
                "eventType": "outbound",
                "destinationUrl": "https://kickstarter.com",
            },
            "nothing",
            {"referrer": "a", "eventId": event_id},
            {"referrer": "c", "userAgent": "Googlebot"},
        ],
    )
    assert answer.status_code == 200
    body = answer.json
    assert (body["success"], body["accepted"], body["rejected"]) == (True, 4, 2)
    assert body["results"][0] == {"eventId": event_id}
    assert body["results"][1]["error"]["code"] == "INVALID_REQUEST"
    assert {detail["field"] for detail in body["results"][1]["error"]["details"]} == {
        "referrer",
        "campaign",
    }
    assert "error" in body["results"][3]
    assert body["results"][4] == {"eventId": event_id, "duplicate": True}
    assert body["results"][5]["bot"] is True
    assert len(stored(app)) == 3


def test_a_batch_of_repeats_is_accepted_whole(app: Flask, stranger: FlaskClient) -> None:
    events = [{"referrer": "a", "eventId": str(uuid4())} for _ in range(10)]
    first, second = send_batch(stranger, events), send_batch(stranger, events[::-1])
    assert first.json["accepted"] == second.json["accepted"] == 10
    assert all(result["duplicate"] for result in second.json["results"])
    assert len(stored(app)) == 10


def test_a_batch_of_nothing_good_stores_nothing(app: Flask, stranger: FlaskClient) -> None:
    answer = send_batch(stranger, [{}, 5])
    assert (answer.status_code, answer.json["accepted"], answer.json["rejected"]) == (
        200,
        0,
        2,
    )
    assert stored(app) == []


def test_a_batch_has_its_size(app: Flask, stranger: FlaskClient) -> None:
    assert send_batch(stranger, []).status_code == 400
    assert send_batch(stranger, [{"referrer": "a"}] * 51).status_code == 400
    key = add_key(app, "capture")
    assert send_batch(stranger, [{"referrer": "a"}] * 501, **key).status_code == 400
    assert stored(app) == []
    assert send_batch(stranger, [{"referrer": "a"}] * 50).json["accepted"] == 50
    assert send_batch(stranger, [{"referrer": "a"}] * 500, **key).json["accepted"] == 500
    assert len(stored(app)) == 550


def test_a_visitor_of_a_batch_is_new_once(app: Flask, stranger: FlaskClient) -> None:
    send_batch(stranger, [{"referrer": "a"}] * 5)
    assert sum(event.new_visitor for event in stored(app)) == 1
