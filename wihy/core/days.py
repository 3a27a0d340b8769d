"""Days and time zones as addresses name them."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

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
