"""The periods that a page offers by name."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from wihy.analytics import periods
from wihy.analytics.periods import Period

MakePeriod = Callable[[ZoneInfo, datetime], Period | None]


@dataclass(frozen=True, slots=True)
class Preset:
    """A period by name: what it is called, the key that chooses it, and which moments it means."""

    name: str
    label: str
    in_words: str
    key: str | None
    make: MakePeriod


def _last_days(count: int) -> MakePeriod:
    return lambda zone, now: periods.last_days(count, zone, now)


def _this_month(zone: ZoneInfo, now: datetime) -> Period:
    today = periods.today(zone, now)
    return periods.days(today.replace(day=1), today, zone)


def _last_month(zone: ZoneInfo, now: datetime) -> Period:
    last = periods.today(zone, now).replace(day=1) - timedelta(days=1)
    return periods.days(last.replace(day=1), last, zone)


def _twelve_months(zone: ZoneInfo, now: datetime) -> Period:
    """Return this month and the eleven before it."""
    today = periods.today(zone, now)
    months = today.year * 12 + today.month - 12
    return periods.days(date(months // 12, months % 12 + 1, 1), today, zone)


PRESETS = {
    preset.name: preset
    for preset in (
        Preset("today", "Today", "today", "D", _last_days(1)),
        Preset(
            "24h", "24 hours", "in these 24 hours", None, lambda zone, now: periods.last_hours(24, zone, now)
        ),
        Preset("7d", "7 days", "in these 7 days", "W", _last_days(7)),
        Preset("28d", "28 days", "in these 28 days", "F", _last_days(28)),
        Preset("month", "This month", "this month", "M", _this_month),
        Preset("last_month", "Last month", "last month", None, _last_month),
        Preset("12mo", "12 months", "in these 12 months", "Y", _twelve_months),
        Preset("all", "All time", "so far", "A", lambda _zone, _now: None),
    )
}
PARTNER_PRESETS = {
    "30d": Preset("30d", "30 days", "in these 30 days", None, _last_days(30)),
    "90d": Preset("90d", "90 days", "in these 90 days", None, _last_days(90)),
    "12mo": PRESETS["12mo"],
    "all": PRESETS["all"],
}
