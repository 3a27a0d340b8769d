"""What customers' open pages hear of interactions and analyses: theirs alone."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.live.listener import Listener, listening
from tests.mevents.stage import asked, send
from tests.servers.web import running


def token_of(client: FlaskClient) -> str:
    return str(client.environ_base["HTTP_AUTHORIZATION"]).removeprefix("Bearer ")


def next_of_interactions(page: Listener) -> tuple[str, Any]:
    """Return what the page hears next of interactions; beside it, it hears what they are notified of."""
    while True:
        event, payload = page.next(10)
        if event != "notification:created":
            return event, payload


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    """The port on which `app` is served."""
    with running(app) as found:
        yield found


def test_a_customer_hears_of_their_own(
    port: int, alice: FlaskClient, bob: FlaskClient, ada: FlaskClient
) -> None:
    with listening(port, token=token_of(alice)) as page, listening(port, token=token_of(bob)) as other:
        number = send(alice, "booking_added", eventId=1).json["data"]["trackingId"]
        event, payload = next_of_interactions(page)
        assert event == "tracking:interaction:7"
        assert payload == {
            "trackingId": number,
            "interactionType": "booking_added",
            "eventId": 1,
            "userId": 7,
            "role": "customer",
            "auditAction": "INTERACTION_TRACKED",
        }
        for _ in range(4):
            assert send(alice).status_code == 201
            assert next_of_interactions(page)[1]["eventId"] is None
        assert asked(ada).status_code == 200  # staff who ask are heard of by nobody
        assert asked(alice).status_code == 200
        assert next_of_interactions(page) == (
            "tracking:engagement:7",
            {
                "customerId": 7,
                "metrics": {"totalInteractions": 5, "eventCount": 1},
                "userId": 7,
                "role": "customer",
                "auditAction": "ENGAGEMENT_ANALYZED",
            },
        )
        assert send(bob).status_code == 201
        assert next_of_interactions(other)[0] == "tracking:interaction:8"


def test_what_is_refused_is_not_heard_of(port: int, alice: FlaskClient) -> None:
    with listening(port, token=token_of(alice)) as page:
        key = {"Idempotency-Key": "k"}  # then the work is undone, and the refusal kept
        body = {"interactionType": "ride_added", "metadata": {"rideId": 9}}
        assert (
            alice.post("/api/customer/mevents/tracking/interactions", json=body, headers=key).status_code
            == 404
        )
        number = send(alice).json["data"]["trackingId"]
        assert next_of_interactions(page)[1]["trackingId"] == number
