"""What each type of interaction is about: the record that `metadata` must or may name, and the service."""

from collections.abc import Mapping
from typing import NamedTuple

from wihy.core.errors import NotFound
from wihy.customers.models import RecordKind
from wihy.mevents.models import InteractionType
from wihy.mevents.refusals import InvalidEvent, InvalidMenuItem, InvalidService, InvalidTable


class Subject(NamedTuple):
    """The record that an interaction is with: its `field` in `metadata`, and what is said where it is not known."""

    field: str
    kind: RecordKind
    unknown: type[NotFound]
    is_needed: bool = True


SUBJECTS: Mapping[InteractionType, Subject] = {
    InteractionType.BOOKING_ADDED: Subject("bookingId", RecordKind.BOOKING, InvalidService, is_needed=False),
    InteractionType.ORDER_ADDED: Subject("orderId", RecordKind.ORDER, InvalidService, is_needed=False),
    InteractionType.RIDE_ADDED: Subject("rideId", RecordKind.RIDE, InvalidService, is_needed=False),
    InteractionType.IN_DINING_ORDER_ADDED: Subject(
        "inDiningOrderId", RecordKind.IN_DINING_ORDER, InvalidService
    ),
    InteractionType.PARKING_BOOKING_ADDED: Subject(
        "parkingBookingId", RecordKind.PARKING_BOOKING, InvalidService
    ),
    InteractionType.MENU_ITEM_SELECTED: Subject("menuItemId", RecordKind.MENU_ITEM, InvalidMenuItem),
    InteractionType.TABLE_SELECTED: Subject("tableId", RecordKind.TABLE, InvalidTable),
    InteractionType.EVENT_UPDATED: Subject("eventId", RecordKind.EVENT, InvalidEvent),
}
SERVICES: Mapping[InteractionType, str] = {
    InteractionType.BOOKING_ADDED: "mtables",
    InteractionType.ORDER_ADDED: "munch",
    InteractionType.RIDE_ADDED: "mtxi",
    InteractionType.IN_DINING_ORDER_ADDED: "in_dining",
    InteractionType.PARKING_BOOKING_ADDED: "mpark",
}
