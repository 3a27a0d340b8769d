"""Who looks at a page: their time zone, as their browser told it."""

from functools import lru_cache
from zoneinfo import available_timezones

from flask import has_request_context, request

ZONE_COOKIE = "wihy_tz"


def viewer_zone() -> str:
    """Return the IANA name of the viewer's time zone: the browser's, from a cookie that pages set, else `UTC`."""
    name = request.cookies.get(ZONE_COOKIE, "") if has_request_context() else ""
    return name if name in zone_names() else "UTC"


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """Return the IANA names of all time zones; two names of the system are none."""
    return frozenset(available_timezones() - {"Factory", "localtime"})
