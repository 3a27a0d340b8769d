"""Captures as tests make them."""

from typing import Any

from wihy.core.clock import now
from wihy.core.ids import new_id
from wihy.tracking.capture import Capture
from wihy.tracking.models import EventType

BROWSER = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
)


def a_capture(**fields: Any) -> Capture:
    """Return an inbound capture of this moment, with `fields` its own."""
    return Capture(
        **{
            "id": new_id(),
            "timestamp": now(),
            "referrer": "partner_john",
            "campaign": "hello",
            "landing_page": "/",
            "original_source": "partner_john",
            "destination_url": None,
            "event_type": EventType.INBOUND,
            "user_agent": BROWSER,
            "address": "203.0.113.1",
            **fields,
        }
    )
