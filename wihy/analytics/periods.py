"""Which moments a figure is about: days of a time zone, the buckets of a chart, the range to compare with.

A local day begins at the first moment from which on the zone's calendar never shows an earlier date. So a day
may have 23, 24 or 25 hours, begin at 01:00 where midnight is skipped, or not happen at all (Apia, 30 December
2011). Nothing here knows of events or of the database.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

QUARTER_HOUR = timedelta(minutes=15)  # every zone's offset has been a multiple of it since 1980
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LONGEST_BY_HOUR = 2
LONGEST_BY_DAY = 400
DEFAULT_DAYS = 30


class Step(StrEnum):
    """How far apart the points of a series are."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


BEGINS: Mapping[Step, Callable[[date], bool]] = {
    Step.DAY: lambda _: True,
    Step.WEEK: lambda day: day.isoweekday() == 1,
    Step.MONTH: lambda day: day.day == 1,
}


class Comparison(StrEnum):
    """What a range is compared with."""

    PREVIOUS = "previous"
    YEAR = "year"


class Bucket(NamedTuple):
    """The moments (UTC) from `start` up to, not including, `end`: a point of a series."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Period:
    """The moments (UTC) from `start` up to, not including, `end`: in `zone` the days `first` to `last`."""

    start: datetime
    end: datetime
    first: date
    last: date
    zone: ZoneInfo

    @property
    def step(self) -> Step:
        """By hour up to 2 days, by day up to 400, else by month."""
        count = (self.last - self.first).days + 1
        if count <= LONGEST_BY_HOUR:
            return Step.HOUR
        return Step.DAY if count <= LONGEST_BY_DAY else Step.MONTH

    def buckets(self, step: Step | None = None) -> list[Bucket]:
        """Return the points of its series, ascending, without gaps; `step` overrules its own."""
        starts = _hours(self) if (step or self.step) is Step.HOUR else _days(self, step or self.step)
        return [Bucket(start, end) for start, end in pairwise((*starts, self.end)) if start < end]


def today(zone: ZoneInfo, now: datetime) -> date:
    """Return the date in `zone` at `now`."""
    return now.astimezone(zone).date()


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the moment (UTC) at which `day` begins in `zone`."""
    midnight = datetime.combine(day, time(), zone)
    first, second = (midnight.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return first
    if first < second:  # midnight comes twice: the second one counts if the day before came back in between
        just_before = (second - timedelta(microseconds=1)).astimezone(zone).date()
        return first if just_before >= day else second
    seconds = range(int((first - second).total_seconds()))  # midnight is skipped: the day begins where it is
    return second + timedelta(
        seconds=bisect_left(
            seconds, day, key=lambda s: (second + timedelta(seconds=s)).astimezone(zone).date()
        )
    )


def days(first: date, last: date, zone: ZoneInfo) -> Period:
    """Return the local days from `first` to `last`, both included."""
    return Period(start_of_day(first, zone), start_of_day(last + DAY, zone), first, last, zone)


def last_days(count: int, zone: ZoneInfo, now: datetime) -> Period:
    """Return the last `count` local days, today included."""
    last = today(zone, now)
    return days(last - (count - 1) * DAY, last, zone)


def last_hours(count: int, zone: ZoneInfo, now: datetime) -> Period:
    """Return the last `count` hours that clocks show, the running one included."""
    local = now.astimezone(zone)
    end = local.replace(minute=0, second=0, microsecond=0).astimezone(UTC) + HOUR
    start = end - count * HOUR
    return Period(start, end, today(zone, start), today(zone, end - HOUR), zone)


def compared(period: Period, comparison: Comparison) -> Period:
    """Return what `period` is compared with.

    `previous`: as many days (or hours), directly before. `year`: the same dates one year earlier, 28 February
    for the 29th.
    """
    first, last = period.first, period.last
    if period != days(first, last, period.zone):
        return _shifted(period, comparison)
    if comparison is Comparison.PREVIOUS:
        length = last - first + DAY
        return days(first - length, last - length, period.zone)
    return days(year_earlier(first), year_earlier(last), period.zone)


def up_to(period: Period, moment: datetime) -> Period:
    """Return the part of `period` before `moment`, which is not before it begins."""
    end = min(period.end, moment)
    last = max(period.first, today(period.zone, end - timedelta(microseconds=1)))
    return replace(period, end=end, last=last)


def _shifted(period: Period, comparison: Comparison) -> Period:
    back = period.end - period.start
    if comparison is Comparison.YEAR:
        back = period.last - year_earlier(period.last)
    start, end = period.start - back, period.end - back
    return Period(start, end, today(period.zone, start), today(period.zone, end - HOUR), period.zone)


def year_earlier(day: date) -> date:
    """Return the same date one year earlier; 29 February becomes the 28th."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if is_leap_day else day.day)


def dates(first: date, last: date) -> Iterator[date]:
    """Yield the dates from `first` to `last`, both included."""
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(ordinal)


def _days(period: Period, step: Step) -> list[datetime]:
    """The starts of days, weeks (Mondays, ISO 8601) or months: the first one is the period's own."""
    begins = BEGINS[step]
    later = [start_of_day(day, period.zone) for day in dates(period.first + DAY, period.last) if begins(day)]
    return [period.start, *later]


def _hours(period: Period) -> list[datetime]:
    """The starts of the hours that clocks show; an hour that comes twice (with two offsets) is two."""
    starts: list[datetime] = []
    before = None
    moment = period.start
    while moment < period.end:
        local = moment.astimezone(period.zone)
        shown = (local.date(), local.hour, local.utcoffset())
        if shown != before:
            starts.append(moment)
        before, moment = shown, moment + QUARTER_HOUR
    return starts
