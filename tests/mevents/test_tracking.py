"""`POST /api/customer/mevents/tracking/interactions`: what is tracked, and what follows."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from tests.conftest import add_customer, key_for
from tests.mevents.stage import BODIES, INTERACTIONS, put, send, stored
from wihy.audit.models import AuditEntry
from wihy.core.database import db, transaction
from wihy.customers.models import Customer
from wihy.mevents.facts import InteractionTracked
from wihy.mevents.models import Interaction
from wihy.notifications.models import Notification
from wihy.points import ledger
from wihy.points.models import PointsEntry


@pytest.mark.parametrize("type_", BODIES)
def test_an_interaction_of_each_type_is_tracked(app: Flask, alice: FlaskClient, type_: str) -> None:
    answer = send(alice, type_, **BODIES[type_])
    assert (answer.status_code, answer.content_type) == (201, "application/json")
    data = answer.json["data"]
    assert answer.json == {
        "status": "success",
        "message": "Interaction tracked successfully",
        "data": {"trackingId": data["trackingId"], "gamificationError": None},
    }
    assert type(data["trackingId"]) is int
    with app.app_context():
        kept = db.session.get_one(Interaction, data["trackingId"])
        assert (kept.customer_id, kept.type) == (7, type_)
        assert kept.details == BODIES[type_].get("metadata", {})
        assert kept.event_id == (1 if "eventId" in str(BODIES[type_]) else None)


def test_points_notification_audit_and_fact_follow(app: Flask, alice: FlaskClient, facts: list[Any]) -> None:
    number = send(alice, "booking_added", eventId=1).json["data"]["trackingId"]
    assert facts == [InteractionTracked(number, "booking_added", 1, 7)]
    with app.app_context():
        entry = db.session.scalars(select(PointsEntry)).one()
        assert (entry.customer_id, entry.points, entry.reference) == (7, 5, f"interaction:{number}")
        told = db.session.scalars(select(Notification)).one()
        assert (told.customer_id, told.template, told.details) == (7, "points_awarded", {"points": 5})
        note = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "INTERACTION_TRACKED")).one()
        assert (note.thing, note.actor) == (f"interaction:{number}", "customer:7")


def test_a_ledger_that_fails_costs_no_interaction(
    app: Flask, alice: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        db.session.execute(select(PointsEntry.id).where(PointsEntry.id == db.text("no_such_column")))

    monkeypatch.setattr(ledger, "enter", broken)
    answer = send(alice)
    assert answer.status_code == 201
    assert "Points could not be added" in answer.json["data"]["gamificationError"]
    assert stored(app) == 1
    with app.app_context():
        assert db.session.scalars(select(PointsEntry)).all() == []
        assert db.session.scalars(select(Notification)).all() == []


def test_the_same_request_is_tracked_once(app: Flask, alice: FlaskClient) -> None:
    body = {"interactionType": "ride_added"}
    headers = {"Idempotency-Key": "tunnel"}
    first, again = (alice.post(INTERACTIONS, json=body, headers=headers) for _ in range(2))
    assert (first.data, again.headers["Idempotency-Replayed"]) == (again.data, "true")
    assert stored(app) == 1


def test_null_is_absent_and_metadata_is_open(app: Flask, alice: FlaskClient) -> None:
    metadata = {"a": {"b": {"c": ["x"]}}, "größe": 1.5, "null": None}
    assert send(alice, eventId=None, metadata=metadata).status_code == 201
    assert send(alice, metadata=None).status_code == 201
    assert send(alice, eventId=1, metadata={"rideId": None, "eventId": None}).status_code == 201
    with app.app_context():
        assert db.session.scalars(select(Interaction).order_by(Interaction.id)).first().details == metadata


@pytest.mark.parametrize(
    ("type_", "field", "code"),
    [
        ("booking_added", "bookingId", "INVALID_SERVICE"),
        ("order_added", "orderId", "INVALID_SERVICE"),
        ("ride_added", "rideId", "INVALID_SERVICE"),
        ("in_dining_order_added", "inDiningOrderId", "INVALID_SERVICE"),
        ("parking_booking_added", "parkingBookingId", "INVALID_SERVICE"),
        ("menu_item_selected", "menuItemId", "INVALID_MENU_ITEM"),
        ("table_selected", "tableId", "INVALID_TABLE"),
        ("event_updated", "eventId", "INVALID_EVENT"),
    ],
)
def test_what_is_unknown_or_another_s_is_told(
    app: Flask, alice: FlaskClient, bob: FlaskClient, type_: str, field: str, code: str
) -> None:
    unknown, foreign = (send(alice, type_, metadata={field: number}) for number in (3, 2))
    assert (unknown.status_code, unknown.json["code"]) == (404, code)
    assert foreign.json == unknown.json
    messages = {
        "INVALID_SERVICE": "Invalid service ID",
        "INVALID_MENU_ITEM": "Invalid menu item ID",
        "INVALID_TABLE": "Invalid table ID",
        "INVALID_EVENT": "Event not found",
    }
    assert unknown.json["message"] == messages[code]
    assert stored(app) == 0


def test_another_s_event_is_as_one_that_is_not_there(alice: FlaskClient, bob: FlaskClient) -> None:
    for number in (2, 3, 2**31 - 1):
        answer = send(alice, eventId=number, metadata={"rideId": 3})  # the event is judged first
        assert (answer.status_code, answer.json["code"]) == (404, "INVALID_EVENT")
    assert send(bob, eventId=2).status_code == 201


@pytest.mark.parametrize("status", ["cancelled", "unavailable", "Cancelled"])
def test_what_is_cancelled_is_told(app: Flask, alice: FlaskClient, status: str) -> None:
    put(app, {"kind": "parking_booking", "id": 1, "status": status})
    answer = send(alice, "parking_booking_added", metadata={"parkingBookingId": 1})
    assert (answer.status_code, answer.json["code"]) == (400, "INTERACTION_TRACKING_FAILED")
    assert answer.json["message"] == f"Parking booking 1 is {status.casefold()}"
    assert stored(app) == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "interactionType"),
        ({"interactionType": "slept"}, "interactionType"),
        ({"interactionType": 1}, "interactionType"),
        ({"interactionType": "ride_added", "eventId": 0}, "eventId"),
        ({"interactionType": "ride_added", "eventId": 2**31}, "eventId"),
        ({"interactionType": "ride_added", "eventId": "1"}, "eventId"),
        ({"interactionType": "ride_added", "eventId": True}, "eventId"),
        ({"interactionType": "ride_added", "colour": "red"}, "colour"),
        ({"interactionType": "ride_added", "metadata": []}, "metadata"),
        ({"interactionType": "ride_added", "metadata": {"a": "x" * 4096}}, "metadata"),
        ({"interactionType": "ride_added", "metadata": {"a": {"b": {"c": {"d": {}}}}}}, "metadata"),
        ({"interactionType": "ride_added", "metadata": {"a": "\0"}}, "metadata"),
        ({"interactionType": "ride_added", "metadata": {"rideId": "1"}}, "metadata.rideId"),
        ({"interactionType": "ride_added", "metadata": {"rideId": True}}, "metadata.rideId"),
        ({"interactionType": "table_selected", "metadata": {"tableId": None}}, "metadata.tableId"),
        ({"interactionType": "in_dining_order_added"}, "metadata.inDiningOrderId"),
        ({"interactionType": "parking_booking_added", "metadata": {}}, "metadata.parkingBookingId"),
        ({"interactionType": "menu_item_selected", "metadata": {"tableId": 1}}, "metadata.menuItemId"),
        ({"interactionType": "table_selected", "metadata": {"tableId": 1.0}}, "metadata.tableId"),
        ({"interactionType": "table_selected", "metadata": {"tableId": 10**400}}, "metadata.tableId"),
        ({"interactionType": "event_updated", "eventId": 1}, "metadata.eventId"),
        ({"interactionType": "event_updated", "eventId": 1, "metadata": {"eventId": 2}}, "metadata.eventId"),
        ({"interactionType": "ride_added", "eventId": 1, "metadata": {"eventId": 2}}, "metadata.eventId"),
        ({"interactionType": "ride_added", "eventId": 1, "metadata": {"eventId": True}}, "metadata.eventId"),
    ],
)
def test_bad_bodies_are_refused(app: Flask, alice: FlaskClient, body: dict[str, Any], field: str) -> None:
    answer = alice.post(INTERACTIONS, json=body)
    assert (answer.status_code, answer.json["code"]) == (400, "INVALID_REQUEST")
    assert answer.json["message"] == "Invalid request parameters"
    assert [detail["field"] for detail in answer.json["details"]] == [field]
    assert stored(app) == 0


def test_all_problems_are_told_at_once(alice: FlaskClient) -> None:
    answer = send(alice, "table_selected", eventId=0, colour=1)
    fields = [detail["field"] for detail in answer.json["details"]]
    assert sorted(fields) == ["colour", "eventId", "metadata.tableId"]
    answer = send(alice, eventId=1, metadata={"rideId": "one", "eventId": 2})
    fields = [detail["field"] for detail in answer.json["details"]]
    assert sorted(fields) == ["metadata.eventId", "metadata.rideId"]


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b'{"a": "\xff"}', b'{"metadata": {"a": NaN}}'])
def test_what_is_no_json_is_refused(alice: FlaskClient, data: bytes) -> None:
    assert alice.post(INTERACTIONS, data=data, content_type="application/json").status_code == 400


def test_other_sizes_and_kinds_are_refused(alice: FlaskClient) -> None:
    assert alice.post(INTERACTIONS, data="a=1", content_type="text/plain").status_code == 415
    assert alice.post(INTERACTIONS, json={"a": "x" * 300_000}).status_code == 413


def test_only_customers_may(app: Flask, vera: FlaskClient, ada: FlaskClient, stranger: FlaskClient) -> None:
    for client in (vera, ada, key_for(app, "customers:write")):
        answer = send(client)
        assert (answer.status_code, answer.json["code"], answer.json["message"]) == (
            403,
            "Forbidden",
            "Permission denied",
        )
    answer = send(stranger)
    assert (answer.status_code, answer.json["code"], answer.json["message"]) == (
        401,
        "UNAUTHORIZED",
        "Unauthorized",
    )


def test_a_permission_can_be_withdrawn(app: Flask, alice: FlaskClient) -> None:
    with app.app_context(), transaction():
        db.session.get_one(Customer, 7).denied_permissions = ["track_interaction"]
    answer = send(alice, "slept")  # who may comes before what
    assert (answer.status_code, answer.json["code"]) == (403, "Forbidden")


def test_a_customer_who_is_gone_is_told(app: Flask, stranger: FlaskClient, alice: FlaskClient) -> None:
    with app.app_context(), transaction():
        db.session.execute(delete(Customer).where(Customer.id == 7))
    answer = send(alice)
    assert (answer.status_code, answer.json["code"]) == (404, "INVALID_CUSTOMER")
    assert answer.json["message"] == "Customer not found"
    assert send(alice, "slept").status_code == 400  # the body comes before
    for path in ("/api/customer/points", "/api/auth/me"):
        assert alice.get(path).status_code == 401
    assert alice.get("/me").headers["Location"].startswith("/login")
    add_customer(app, 7)
    assert send(alice).status_code == 201


def test_a_form_of_a_foreign_page_cannot_track(app: Flask, alice: FlaskClient) -> None:
    token = alice.environ_base["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    browser = app.test_client()
    browser.set_cookie("wihy_session", token)
    assert send(browser).status_code == 400
    assert stored(app) == 0
