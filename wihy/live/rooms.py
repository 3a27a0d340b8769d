"""The rooms of the live channel: whoever is in one hears what is said in it."""

STAFF_ROOM = "staff"


def customer_room(customer_id: int) -> str:
    """Return the room of a customer's own pages and programs."""
    return f"customer:{customer_id}"


def public_room(tracking_id: str) -> str:
    """Return the room of who sees the public part of the page of `tracking_id`."""
    return f"public:{tracking_id}"


def partner_room(tracking_id: str) -> str:
    """Return the room of who sees all of it."""
    return f"partner:{tracking_id}"
