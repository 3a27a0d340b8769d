"""Reading what stands in the path of an address."""

from pydantic import TypeAdapter, ValidationError

from wihy.core.errors import InvalidRequest
from wihy.core.schemas import TrackingId

_TRACKING_ID = TypeAdapter[str](TrackingId)


def check_tracking_id(field: str, text: str) -> str:
    """Return `text` if it can be a tracking id; raises `InvalidRequest` that names `field`."""
    try:
        return _TRACKING_ID.validate_python(text)
    except ValidationError:
        raise InvalidRequest.at(field, "write 1 to 255 letters, digits, _ or -") from None
