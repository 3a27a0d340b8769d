"""What `/me` says of what a customer did: in plain words, the newest first."""

import re

from flask import Flask
from flask.testing import FlaskClient

from tests.mevents.stage import BODIES, put, send
from wihy.mevents.queries import list_activity


def told(client: FlaskClient, path: str = "/me") -> list[str]:
    """Return the lines of the section."""
    answer = client.get(path)
    assert answer.status_code == 200
    found = re.findall(r'<span class="activity-words">(.*?)</span>', answer.text, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", "", one).split()) for one in found]


def test_nothing_yet(alice: FlaskClient) -> None:
    assert told(alice) == []
    assert "What you book, order or choose is told here." in alice.get("/me").text


def test_each_type_has_its_words(app: Flask, alice: FlaskClient) -> None:
    put(
        app,
        {"kind": "event", "id": 1, "details": {"name": "Amina&#39;s <b>birthday"}},
        {"kind": "menu_item", "id": 1, "customerId": None, "details": {"name": "Pilau"}},
        {"kind": "table", "id": 1, "customerId": None, "details": {"name": 4}},
    )
    for type_, body in BODIES.items():
        assert send(alice, type_, **body).status_code == 201
    birthday = "Amina&amp;#39;s &lt;b&gt;birthday"
    assert told(alice) == [
        f"You changed {birthday}",
        "You chose a table",
        "You chose Pilau",
        "You booked parking",
        f"You ordered at the table for {birthday}",
        "You added a ride",
        "You added an order",
        f"You added a booking for {birthday}",
    ]


def test_an_event_without_a_name_has_its_number(app: Flask, alice: FlaskClient, ada: FlaskClient) -> None:
    send(alice, eventId=1)
    send(alice, "event_updated", metadata={"eventId": 1})
    lines = ["You changed event 1", "You added a ride for event 1"]
    assert told(alice) == lines
    ada.delete("/api/records/event/1")
    assert told(alice) == lines


def test_what_became_another_s_shows_no_name(app: Flask, alice: FlaskClient, bob: FlaskClient) -> None:
    send(alice, "booking_added", eventId=1, metadata={"bookingId": 1})
    put(app, {"kind": "event", "id": 1, "customerId": 8, "details": {"name": "Bob's secret"}})
    assert told(alice) == ["You added a booking for event 1"]
    assert told(bob) == []


def test_pages_neither_repeat_nor_skip(app: Flask, alice: FlaskClient) -> None:
    for _ in range(10):
        send(alice)
    first = alice.get("/me").text
    older = re.search(r'href="(/me\?activity=\d+#activity)"', first)
    assert older
    assert (len(told(alice)), len(told(alice, older[1]))) == (8, 2)
    assert 'href="/me#activity"' in alice.get(older[1]).text
    with app.app_context():
        ids, after = [], None
        while True:
            page = list_activity(7, limit=3, after=after)
            ids += [one.id for one in page.activities]
            if (after := page.next_cursor) is None:
                break
    assert len(ids) == 10
    assert ids == sorted(set(ids), reverse=True)


def test_an_odd_address_begins_anew(alice: FlaskClient) -> None:
    send(alice)
    for text in ("x", "0", "-1", "9" * 40, "%00"):
        assert len(told(alice, f"/me?activity={text}")) == 1
