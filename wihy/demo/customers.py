"""The demo's customers, what their host applications keep for them, and what they have earned."""

from typing import Any

from wihy.accounts import passwords
from wihy.core.database import transaction
from wihy.customers.queries import ids_of_customers
from wihy.customers.records import put_records
from wihy.customers.schemas import NamedRecord
from wihy.customers.service import create_customer
from wihy.demo.interactions import track_plan

SHOWN, SHOWN_EMAIL = 7, "amina@demo.example"  # who can sign in
# (id, name, language, time zone)
CUSTOMERS = (
    (SHOWN, "Amina Otieno", "sw", "Africa/Nairobi"),
    (8, "Bastien Leroy", "fr", "Europe/Paris"),
    (9, "Carmen Ibáñez", "es", "America/Bogota"),
    (10, "Dorcas Mwangi", "sw", "Africa/Dar_es_Salaam"),
    (11, "Edward Blake", "en", "Europe/London"),
    (12, "فاطمة الزهراء", "en", "Africa/Cairo"),
)
DEACTIVATED = 11
RIDE = {"pickupLocation": "Kenyatta Avenue 12", "dropoffLocation": "Karen Road 4", "fare": "KES 850"}
ORDER = {"items": ["pilau", "kachumbari"], "restaurant": "Mavuno Kitchen", "total": "KES 1,250"}
BOOKING = {"restaurant": "Long Table", "guests": 4, "at": "19:30"}
OFFERED = (
    {"kind": "menu_item", "id": 1, "details": {"name": "Pilau", "price": "KES 450"}},
    {"kind": "table", "id": 1, "details": {"name": "the table by the window", "seats": 4}},
)
EVENTS = (
    {"name": "Grandmother’s birthday", "occasion": "birthday", "guests": 24},
    {"name": "Dinner with the team", "occasion": "business", "guests": 9},
)


def ensure_customers(password: str) -> None:
    """Store the customers with what is theirs, unless they are there; one of them signs in with `password`."""
    if SHOWN in ids_of_customers({SHOWN}):
        return
    password_hash = passwords.hash_aside(password)
    with transaction():
        for customer_id, name, language, zone in CUSTOMERS:
            values: dict[str, Any] = {"display_name": name, "language": language, "timezone": zone}
            if customer_id == SHOWN:
                values |= {"email": SHOWN_EMAIL, "password_hash": password_hash}
            create_customer(customer_id, values | {"active": customer_id != DEACTIVATED})
        put_records([NamedRecord.model_validate(record) for record in _records()])
        for number, (customer_id, *_) in enumerate(CUSTOMERS):
            track_plan(customer_id, _ids(number), rounds=4 if customer_id == SHOWN else 1)


def _records() -> list[dict[str, Any]]:
    kept = [*OFFERED]
    for number, (customer_id, *_) in enumerate(CUSTOMERS):
        its = {"customerId": customer_id}
        events = zip(_ids(number)["events"], EVENTS, strict=True)
        kept += [
            {"kind": "ride", "id": 2 * number + 1, "status": "completed", "details": RIDE, **its},
            {"kind": "ride", "id": 2 * number + 2, "status": "cancelled", "details": RIDE, **its},
            {"kind": "order", "id": number + 1, "status": "delivered", "details": ORDER, **its},
            {"kind": "booking", "id": number + 1, "status": "confirmed", "details": BOOKING, **its},
            *({"kind": "event", "id": event_id, "details": details, **its} for event_id, details in events),
        ]
    return kept


def _ids(number: int) -> dict[str, Any]:
    """Return the ids of the records that the customer of this number refers to."""
    events = (2 * number + 1, 2 * number + 2)
    own = {"event": events[0], "ride": 2 * number + 1, "order": number + 1, "booking": number + 1}
    return {"events": events, "menu_item": 1, "table": 1, **own}
