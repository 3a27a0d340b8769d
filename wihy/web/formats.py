"""How numbers, shares, changes and moments read on a page: in the viewer's number forms and time zone."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime
from babel.numbers import format_decimal, format_percent
from flask import Flask, has_request_context, request

UNKNOWN = "–"
MINUS = "\N{MINUS SIGN}"
ONE_MILLION = 1_000_000
PAGE_LANGUAGE = "en"

Number = int | float | None
Moment = TypeVar("Moment", bound=date)


class Change(NamedTuple):
    """How a figure moved: `direction` is `up`, `down`, `same` or `new`; `text` has no sign."""

    direction: str
    text: str


@lru_cache(maxsize=256)
def _known_locale(tag: str) -> Locale | None:
    try:
        return Locale.parse(tag.strip(), sep="-")
    except (UnknownLocaleError, ValueError):
        return None


def viewer_locale() -> Locale:
    """Return the first locale that the browser asks for and Babel knows, else English."""
    if has_request_context():
        for tag, _ in request.accept_languages:
            if locale := _known_locale(tag):
                return locale
    return Locale.parse(PAGE_LANGUAGE)


@lru_cache(maxsize=1)
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones())


def viewer_zone_name() -> str:
    """Return the browser's IANA zone from the cookie `wihy_tz`, else `UTC`."""
    name = request.cookies.get("wihy_tz", "") if has_request_context() else ""
    return name if name in _zone_names() else "UTC"


def number(value: Number) -> str:
    """`8,412`; from a million on `1.24 M`; unknown `–`."""
    if value is None:
        return UNKNOWN
    if abs(value) >= ONE_MILLION:
        return f"{_decimal(value / ONE_MILLION, '#,##0.00')}\N{NO-BREAK SPACE}M"
    return exact(value)


def exact(value: Number) -> str:
    """All digits, grouped: `1,240,117`; unknown `–`."""
    return UNKNOWN if value is None else _decimal(value, "#,##0.##")


def percent(value: Number) -> str:
    """A rate that counts in hundredths, whole: 19 → `19%`."""
    return UNKNOWN if value is None else _percent(value / 100, "#,##0%")


def share(part: Number, whole: Number) -> str:
    """What `part` is of `whole`, one decimal: `27.6%`."""
    return UNKNOWN if part is None or not whole else _percent(part / whole, "#,##0.0%")


def change(value: Number, previous: Number) -> Change | None:
    """How far `value` is from `previous`, one decimal; None where there is nothing to compare."""
    if value is None or previous is None:
        return None
    if value == previous:
        return Change("same", "no change")
    if not previous:
        return Change("new", "new")
    return Change(
        "up" if value > previous else "down",
        _percent(abs(value - previous) / abs(previous), "#,##0.0%"),
    )


def points(value: Number, previous: Number) -> Change | None:
    """How far a rate is from `previous`, in points: `1 pt`, `2 pts`."""
    if value is None or previous is None:
        return None
    difference = abs(round(value) - round(previous))
    if not difference:
        return Change("same", "no change")
    unit = "pt" if difference == 1 else "pts"
    return Change("up" if value > previous else "down", f"{exact(difference)} {unit}")


def counted(value: int, singular: str, plural: str | None = None) -> str:
    """`1 event`, `1,204 events`."""
    return f"{exact(value)} {singular if value == 1 else plural or singular + 's'}"


def bar_width(value: Number, largest: Number) -> str:
    """The length of a bar beside the longest one, as an SVG width: `55.1%`."""
    length = 100 * (value or 0) / largest if largest else 0
    return f"{min(max(length, 0), 100):.1f}%"


def day(value: date | None) -> str:
    """`12 Nov`, with the year unless it is this one."""
    if value is None:
        return UNKNOWN
    value = _local(value)
    return _date(value, "d MMM" if value.year == _now().year else "d MMM y")


def long_day(value: date | None) -> str:
    """`Tue 10 November`."""
    return UNKNOWN if value is None else _date(_local(value), "EEE d MMMM")


def short_day(value: date | None) -> str:
    """`Wed 11 Nov`."""
    return UNKNOWN if value is None else _date(_local(value), "EEE d MMM")


def full_day(value: date | None) -> str:
    """`16 November 2026`."""
    return UNKNOWN if value is None else _date(_local(value), "d MMMM y")


def day_range(first: date | None, last: date | None) -> str:
    """`24 Oct – 20 Nov`; one day once."""
    if first is None or last is None:
        return ""
    return day(first) if first == last else f"{day(first)} – {day(last)}"


def clock(value: datetime) -> str:
    """`14:02` in the viewer's zone."""
    return _date(_local(value), "HH:mm")


def iso(value: date) -> str:
    """What a `<time datetime>` wants: a date as it is, a moment in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return value.isoformat()


def moment(value: datetime) -> str:
    """The exact moment with its zone: `Fri 20 November 2026, 14:02:11 (Africa/Nairobi)`."""
    return f"{_date(_local(value), 'EEE d MMMM y, HH:mm:ss')} ({viewer_zone_name()})"


def ago(value: datetime | None) -> str:
    """`12 s ago`, `4 min ago`, then `14:02`, `12 Nov`, `12 Nov 2025`; never `–`."""
    if value is None:
        return "never"
    passed = int((_now() - value).total_seconds())
    if passed < 60:
        return f"{max(passed, 0)} s ago"
    if passed < 3600:
        return f"{passed // 60} min ago"
    return clock(value) if _local(value).date() == _now().date() else day(value)


def zone_label(name: str) -> str:
    """`Africa/Nairobi (UTC+3)`."""
    offset = datetime.now(ZoneInfo(name)).utcoffset() or timedelta()
    minutes = int(offset.total_seconds()) // 60
    if name == "UTC":
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"{name} (UTC{'+' if minutes >= 0 else MINUS}{hours}{f':{rest:02}' if rest else ''})"


def initials(name: str) -> str:
    """`Nadia Otieno` → `NO`; `nadia@wihy.ai` → `NA`."""
    words = [word for word in re.split(r"[\s._\-+]+", name.partition("@")[0]) if word]
    return ("".join(word[0] for word in words[:2]) if len(words) > 1 else name[:2]).upper()


def link_parts(url: str) -> list[tuple[str, str]]:
    """Cut a tracking link into (text, kind), where kind is `who`, `campaign`, `source` or empty."""
    kinds = {
        "ref": "who",
        "campaign": "campaign",
        "utm_campaign": "campaign",
        "utm_source": "source",
    }
    parts: list[tuple[str, str]] = []
    for piece in re.split(r"(?=&)|(?<=\?)", url):
        name, equals, value = piece.partition("=")
        kind = kinds.get(name.lstrip("&"), "") if equals else ""
        parts += [(f"{name}=", ""), (value, kind)] if kind else [(piece, "")]
    return parts


def chart_points(chart: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The points of a chart in words, for its drawing and for the table behind it.

    `chart` has `step` (`hour`, `day`, `week`, `month`), `unit` (`number`, `percent`) and `points`, each with `at`,
    `value`, and where they apply `previous_at`, `previous` and `partial` (the period still runs).
    """
    figure, compare = (percent, points) if chart["unit"] == "percent" else (exact, change)

    def moved(point: Mapping[str, Any]) -> dict[str, str] | None:
        difference = compare(point["value"], point.get("previous"))
        return difference._asdict() if difference else None

    return [
        {
            "label": _axis_label(point["at"], chart["step"], partial=point.get("partial", False)),
            "title": _point_title(point["at"], chart["step"]),
            "shortTitle": _point_title(point["at"], chart["step"], short=True),
            "value": point["value"],
            "text": figure(point["value"]),
            "partial": point.get("partial", False),
            "previous": point.get("previous"),
            "previousTitle": _point_title(point.get("previous_at"), chart["step"]),
            "previousText": figure(point.get("previous")),
            "change": None if point.get("partial") else moved(point),
        }
        for point in chart["points"]
    ]


def _axis_label(at: date, step: str, *, partial: bool) -> str:
    now_words = {
        "hour": "Now",
        "day": "Today, so far",
        "week": "This week, so far",
        "month": "This month, so far",
    }
    if partial:
        return now_words[step]
    return _date(_local(at), {"hour": "HH:mm", "month": "MMM y"}.get(step, "d MMM"))


def _point_title(at: date | None, step: str, *, short: bool = False) -> str:
    if at is None:
        return ""
    patterns = {
        "hour": "EEE d MMMM, HH:mm",
        "day": "EEE d MMMM",
        "week": "'Week of' d MMMM",
        "month": "MMMM y",
    }
    pattern = patterns[step].replace("MMMM", "MMM") if short else patterns[step]
    return _date(_local(at), pattern)


def _decimal(value: float, pattern: str) -> str:
    return format_decimal(value, format=pattern, locale=viewer_locale()).replace("-", MINUS)


def _percent(value: float, pattern: str) -> str:
    return format_percent(value, format=pattern, locale=viewer_locale())


def _date(value: date, pattern: str) -> str:
    # Words of dates follow the page's language, not the browser's: the text around them does too.
    return format_datetime(_as_datetime(value), format=pattern, locale=PAGE_LANGUAGE)


def _as_datetime(value: date) -> datetime:
    return value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, tzinfo=UTC)


def _now() -> datetime:
    return datetime.now(ZoneInfo(viewer_zone_name()))


def _local(value: Moment) -> Moment:
    """Return a moment in the viewer's zone; a day has none and stays."""
    return value.astimezone(ZoneInfo(viewer_zone_name())) if isinstance(value, datetime) else value


FILTERS: tuple[Callable[..., object], ...] = (
    number, exact, percent, share, change, points, counted, bar_width, initials, chart_points, link_parts,
    day, long_day, short_day, full_day, day_range, clock, iso, moment, ago, zone_label,
)  # fmt: skip


def register(app: Flask) -> None:
    """Give `app`'s templates each of these as a filter of its own name."""
    for function in FILTERS:
        app.add_template_filter(function)
