"""Days and time zones as addresses name them."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from wihy.core.viewer import zone_names

FIRST_DAY = date(1970, 1, 1)
LAST_DAY = date(2099, 12, 31)
DAY_FORM = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _zone_name(name: str) -> str:
    if name not in zone_names():
        raise ValueError("use the name of an IANA time zone, such as Africa/Nairobi")
    return name


def _day(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        day = date.fromisoformat(value) if DAY_FORM.fullmatch(value) else None
    except ValueError:
        day = None
    if day is None or not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"write a day from {FIRST_DAY} to {LAST_DAY}, such as 2026-11-20")
    return day


DayIn = Annotated[date, BeforeValidator(_day)]
ZoneName = Annotated[str, AfterValidator(_zone_name)]


def not_before_first(to: date | None, info: ValidationInfo) -> date | None:
    """Return the last day of a range, for `field_validator("to")`; raises `ValueError` if its `from_` is later."""
    first = info.data.get("from_")
    if first and to and first > to:
        raise ValueError("the last day is before the first")
    return to
