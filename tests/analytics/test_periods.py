"""Local days, buckets and comparisons: pure functions, where clocks are strange."""

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from wihy.analytics.periods import (
    Comparison,
    Step,
    compared,
    dates,
    days,
    last_days,
    last_hours,
    start_of_day,
    up_to,
    year_earlier,
)

HOUR = timedelta(hours=1)


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("zone", "on", "start", "hours"),
    [
        ("UTC", "2024-02-29", "2024-02-29T00:00+00:00", 24),
        ("Europe/Berlin", "2024-03-31", "2024-03-30T23:00+00:00", 23),
        ("Europe/Berlin", "2024-10-27", "2024-10-26T22:00+00:00", 25),
        ("Asia/Kathmandu", "2024-01-01", "2023-12-31T18:15+00:00", 24),
        ("Asia/Kolkata", "2024-01-01", "2023-12-31T18:30+00:00", 24),
        ("Pacific/Chatham", "2024-04-07", "2024-04-06T10:15+00:00", 25),
        ("Australia/Lord_Howe", "2024-04-07", "2024-04-06T13:00+00:00", 24.5),
        ("Australia/Lord_Howe", "2024-10-06", "2024-10-05T13:30+00:00", 23.5),
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00+00:00", 23),  # begins at 01:00
        ("Asia/Beirut", "2024-03-31", "2024-03-30T22:00+00:00", 23),  # begins at 01:00
        ("America/Havana", "2024-11-03", "2024-11-03T04:00+00:00", 25),  # midnight comes twice
        ("America/Goose_Bay", "2010-11-07", "2010-11-07T04:00+00:00", 24),  # the day before comes back
        ("America/Toronto", "1919-03-31", "1919-03-31T04:30+00:00", 23.5),  # begins at 00:30
        ("Pacific/Apia", "2011-12-29", "2011-12-29T10:00+00:00", 24),
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00+00:00", 0),  # did not happen
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00+00:00", 24),
    ],
)
def test_a_day_begins_and_ends_where_its_zone_says(zone: str, on: str, start: str, hours: float) -> None:
    period = days(day(on), day(on), ZoneInfo(zone))
    assert period.start == datetime.fromisoformat(start)
    assert period.end - period.start == hours * HOUR


@pytest.mark.parametrize("year", [2012, 2024])
def test_days_of_every_zone_divide_time_as_its_calendar_does(year: int) -> None:
    just_before = timedelta(microseconds=1)
    for name in available_timezones():
        zone = ZoneInfo(name)
        for on in dates(date(year, 1, 1), date(year + 1, 1, 1)):
            start = start_of_day(on, zone)
            assert (start - just_before).astimezone(zone).date() < on <= start.astimezone(zone).date(), name
            assert start.timestamp() % 900 == 0, name


@pytest.mark.parametrize(
    ("last", "step", "points"),
    [
        ("2024-01-01", Step.HOUR, 24),
        ("2024-01-02", Step.HOUR, 48),
        ("2024-01-03", Step.DAY, 3),
        ("2025-02-03", Step.DAY, 400),
        ("2025-02-04", Step.MONTH, 14),
    ],
)
def test_the_length_of_a_range_decides_the_step(last: str, step: Step, points: int) -> None:
    period = days(day("2024-01-01"), day(last), ZoneInfo("Africa/Nairobi"))
    buckets = period.buckets()
    assert (period.step, len(buckets)) == (step, points)
    assert (buckets[0].start, buckets[-1].end) == (period.start, period.end)
    assert all(before.end == after.start for before, after in itertools.pairwise(buckets))


def test_the_first_month_begins_with_the_range() -> None:
    period = days(day("2023-03-17"), day("2024-05-02"), ZoneInfo("Europe/Berlin"))
    starts = [bucket.start.astimezone(period.zone).isoformat() for bucket in period.buckets()]
    assert starts[:2] == ["2023-03-17T00:00:00+01:00", "2023-04-01T00:00:00+02:00"]
    assert starts[-1] == "2024-05-01T00:00:00+02:00"


def hours_shown(zone: str, on: str) -> list[str]:
    period = days(day(on), day(on), ZoneInfo(zone))
    return [bucket.start.astimezone(period.zone).isoformat()[11:] for bucket in period.buckets()]


def test_hours_that_come_twice_are_two_and_skipped_ones_none() -> None:
    assert hours_shown("Europe/Berlin", "2024-10-27")[1:5] == [
        "01:00:00+02:00",
        "02:00:00+02:00",
        "02:00:00+01:00",
        "03:00:00+01:00",
    ]
    assert hours_shown("Europe/Berlin", "2024-03-31")[1:3] == ["01:00:00+01:00", "03:00:00+02:00"]
    assert hours_shown("Australia/Lord_Howe", "2024-04-07")[1:4] == [
        "01:00:00+11:00",
        "01:30:00+10:30",
        "02:00:00+10:30",
    ]


def test_comparing_takes_as_many_days_before_or_the_same_dates_a_year_earlier() -> None:
    zone = ZoneInfo("Europe/Berlin")
    period = days(day("2024-02-29"), day("2024-03-31"), zone)
    assert compared(period, Comparison.PREVIOUS) == days(day("2024-01-28"), day("2024-02-28"), zone)
    assert compared(period, Comparison.YEAR) == days(day("2023-02-28"), day("2023-03-31"), zone)
    assert year_earlier(day("2025-02-28")) == day("2024-02-28")


def test_the_last_days_and_hours_end_with_the_running_one() -> None:
    now = datetime(2024, 3, 31, 1, 30, tzinfo=UTC)  # 03:30 in Berlin, where 02:00 was skipped
    zone = ZoneInfo("Europe/Berlin")
    assert last_days(30, zone, now) == days(day("2024-03-02"), day("2024-03-31"), zone)
    period = last_hours(24, zone, now)
    assert (period.end, period.end - period.start) == (datetime(2024, 3, 31, 2, tzinfo=UTC), 24 * HOUR)
    assert (period.step, len(period.buckets())) == (Step.HOUR, 24)
    before = compared(period, Comparison.PREVIOUS)
    assert (before.end, before.end - before.start) == (period.start, 24 * HOUR)
    assert compared(period, Comparison.YEAR).end == datetime(2023, 3, 31, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "end", "last"),
    [
        (datetime(2024, 3, 2, 12, tzinfo=UTC), datetime(2024, 3, 2, 12, tzinfo=UTC), "2024-03-02"),
        (datetime(2024, 3, 3, tzinfo=UTC), datetime(2024, 3, 3, tzinfo=UTC), "2024-03-02"),
        (datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC), "2024-03-01"),
        (datetime(2024, 5, 1, tzinfo=UTC), datetime(2024, 3, 6, tzinfo=UTC), "2024-03-05"),
    ],
)
def test_a_part_up_to_a_moment(moment: datetime, end: datetime, last: str) -> None:
    whole = days(day("2024-03-01"), day("2024-03-05"), ZoneInfo("UTC"))
    part = up_to(whole, moment)
    assert (part.start, part.end, part.first, part.last) == (whole.start, end, whole.first, day(last))
