"""What tests of interactions share: records to refer to, and what is sent and asked."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from wihy.core.database import db, transaction
from wihy.customers.records import put_records
from wihy.customers.schemas import NamedRecord
from wihy.mevents.models import Interaction

TRACKING = "/api/customer/mevents/tracking"
INTERACTIONS = f"{TRACKING}/interactions"
ENGAGEMENT = f"{TRACKING}/engagement"
OWNED = ("event", "ride", "order", "booking", "in_dining_order", "parking_booking")
OFFERED = ("menu_item", "table")
# what each type sends, where all is well
BODIES: dict[str, dict[str, Any]] = {
    "booking_added": {"eventId": 1, "metadata": {"bookingId": 1}},
    "order_added": {"metadata": {"orderId": 1}},
    "ride_added": {},
    "in_dining_order_added": {"eventId": 1, "metadata": {"inDiningOrderId": 1}},
    "parking_booking_added": {"metadata": {"parkingBookingId": 1, "note": "by the gate"}},
    "menu_item_selected": {"metadata": {"menuItemId": 1}},
    "table_selected": {"metadata": {"tableId": 1}},
    "event_updated": {"metadata": {"eventId": 1}},
}


def put(app: Flask, *records: dict[str, Any]) -> None:
    """Store records, of customer 7 where they say nothing else."""
    with app.app_context(), transaction():
        put_records([NamedRecord.model_validate({"customerId": 7} | record) for record in records])


def furnish(app: Flask, other: int | None = None) -> None:
    """Store a record of each kind, number 1 of customer 7, and number 2 of `other`."""
    put(app, *({"kind": kind, "id": 1} for kind in OWNED))
    put(app, *({"kind": kind, "id": 1, "customerId": None} for kind in OFFERED))
    if other:
        put(app, *({"kind": kind, "id": 2, "customerId": other} for kind in OWNED))


def send(client: FlaskClient, type_: str = "ride_added", **body: Any) -> TestResponse:
    """Track an interaction."""
    return client.post(INTERACTIONS, json={"interactionType": type_} | body)


def asked(client: FlaskClient, customer: object = 7) -> TestResponse:
    """Ask for an analysis."""
    return client.get(f"{ENGAGEMENT}/{customer}")


def stored(app: Flask) -> int:
    """Return how many interactions there are."""
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Interaction)) or 0
