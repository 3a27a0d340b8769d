"""The days of all zones there are, each against what `astimezone` shows of the events."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from flask import Flask

from tests.analytics.events import Sent, store
from wihy.analytics import periods, service

FIRST, LAST = (
    date(2024, 3, 29),
    date(2024, 4, 8),
)  # Europe, Beirut, Chile, Chatham and Lord Howe change clocks
START = datetime(2024, 3, 27, tzinfo=UTC)


def test_the_days_of_every_zone_equal_a_recount(app: Flask) -> None:
    events = [Sent(START + timedelta(minutes=59 * n)) for n in range(360)]
    store(app, events)
    with app.app_context():
        for name in sorted(available_timezones()):
            zone = ZoneInfo(name)
            period = periods.days(FIRST, LAST, zone)
            counted = {
                point.at.date(): point.figures.clicks for point in service.series(service.Selection(), period)
            }
            shown = Counter(event.timestamp.astimezone(zone).date() for event in events)
            assert counted == {day: shown[day] for day in periods.dates(FIRST, LAST)}, name
            assert service.totals(service.Selection(), period).clicks == sum(counted.values()), name
