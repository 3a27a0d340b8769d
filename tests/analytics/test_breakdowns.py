"""What the dashboard asks beyond the API: sorted, searched and paged lists, rolling hours, all time as a range."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask

from tests.analytics.events import Sent, store
from wihy.analytics import periods, service
from wihy.analytics.service import Dimension, Metric, Selection
from wihy.core.clock import now

NOW = datetime.now(UTC)
NAIROBI = ZoneInfo("Africa/Nairobi")
EVENTS = [
    *(Sent(NOW, campaign="autumn") for _ in range(3)),
    *(Sent(NOW, "facebook", campaign="Winter", new_visitor=True) for _ in range(2)),
    Sent(NOW, campaign="winter sale", event_type="outbound", destination="X"),
    Sent(NOW - timedelta(days=3), campaign="spring", bot=True),
]


def names(app: Flask, *args: object, **options: object) -> tuple[list[str], int]:
    with app.app_context():
        found = service.breakdown(*args, **options)  # type: ignore[arg-type]
    return [row.name for row in found.rows], found.total


def test_a_list_is_sorted_by_what_is_counted(app: Flask) -> None:
    store(app, EVENTS)
    asked = (app, Selection(), None, Dimension.CAMPAIGN)
    assert names(*asked) == (["autumn", "Winter", "winter sale"], 3)
    assert names(*asked, metric=Metric.VISITORS) == (["Winter", "autumn", "winter sale"], 3)
    assert names(*asked, metric=Metric.CONVERSIONS) == (["winter sale", "Winter", "autumn"], 3)


def test_a_list_is_searched_and_paged_and_says_how_many_there_are(app: Flask) -> None:
    store(app, EVENTS)
    asked = (app, Selection(), None, Dimension.CAMPAIGN)
    assert names(*asked, search="WINTER") == (["Winter", "winter sale"], 2)
    assert names(*asked, offset=1, limit=1) == (["Winter"], 3)


def test_the_card_of_the_filtered_dimension_keeps_its_other_rows(app: Flask) -> None:
    store(app, EVENTS)
    chosen = Selection.model_validate({"campaign": "autumn", "partner": "partner_john"})
    assert names(app, chosen, None, Dimension.CAMPAIGN) == (["autumn"], 1)
    assert names(app, chosen, None, Dimension.CAMPAIGN, all_names=True) == (["autumn", "winter sale"], 2)
    assert names(app, chosen, None, Dimension.PARTNER, all_names=True) == (["partner_john"], 1)


def test_the_last_24_hours_are_compared_with_those_before(app: Flask) -> None:
    moment = now()  # not when this file was read: the last hour would then be another than its event's
    store(app, [Sent(moment), Sent(moment - timedelta(hours=30)), Sent(moment - timedelta(hours=60))])
    with app.app_context():
        period = periods.last_hours(24, NAIROBI, moment)
        found = service.overview(Selection(), period, NAIROBI, service.Comparison.PREVIOUS)
    assert (found.totals.events, found.previous and found.previous.events) == (1, 1)
    assert (len(found.series), found.series[-1].figures.events) == (24, 1)


def test_all_time_is_a_range_too(app: Flask) -> None:
    with app.app_context():
        assert len(service.since_first_event(NAIROBI).buckets(service.Step.DAY)) == 1
    store(app, EVENTS)
    with app.app_context():
        assert len(service.since_first_event(NAIROBI).buckets(service.Step.DAY)) == 4
