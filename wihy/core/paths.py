"""Reading what stands in the path of an address."""

from pydantic import TypeAdapter, ValidationError

from wihy.core.errors import InvalidRequest
from wihy.core.schemas import TrackingId

_TRACKING_ID = TypeAdapter[str](TrackingId)


def is_tracking_id(text: str) -> bool:
    """Whether `text` can be a tracking id."""
    try:
        _TRACKING_ID.validate_python(text)
    except ValidationError:
        return False
    return True


def check_tracking_id(field: str, text: str) -> str:
    """Return `text` if it can be a tracking id; raises `InvalidRequest` that names `field`."""
    if not is_tracking_id(text):
        raise InvalidRequest.at(field, "write 1 to 255 letters, digits, _ or -")
    return text
