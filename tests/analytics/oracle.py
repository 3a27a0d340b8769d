"""The same figures counted again, naively: plain loops over the list of events, written from the contract.

Reads nothing of the application. Days and hours are what `astimezone` shows of each event.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.analytics.events import Sent

Events = Sequence[Sent]
DAY = timedelta(days=1)


def selection(events: Events, query: Mapping[str, str]) -> list[Sent]:
    """The events that the filters of `query` are about, bots among them."""
    return [event for event in events if _is_selected(event, query)]


def _is_selected(event: Sent, query: Mapping[str, str]) -> bool:
    source = event.original_source or event.referrer
    texts = {
        "referrer": event.referrer,
        "campaign": event.campaign,
        "landingPage": event.page_in_figures,
        "originalSource": source,
        "destination": event.destination,
        "eventType": event.event_type,
        "link": event.link,
        "partner": event.referrer if event.event_type == "inbound" else source,
    }
    return all(texts[name] == wanted for name, wanted in query.items() if name in texts)


def day_of(event: Sent, query: Mapping[str, str]) -> date:
    """The day of `event` where `query` looks from."""
    return event.timestamp.astimezone(ZoneInfo(query.get("tz", "UTC"))).date()


def days_asked(events: Events, query: Mapping[str, str], today: date) -> tuple[date, date] | None:
    """The first and last day that `query` is about, None for all time."""
    if "from" not in query and "to" not in query:
        return None
    last = date.fromisoformat(query["to"]) if "to" in query else today
    if "from" in query:
        first = date.fromisoformat(query["from"])
        return first, max(first, last)
    return min([last, *(day_of(event, query) for event in events)]), last


def days_compared(days: tuple[date, date], comparison: str) -> tuple[date, date]:
    """The days to compare with."""
    first, last = days
    if comparison == "previous":
        length = last - first + DAY
        return first - length, last - length
    return _year_before(first), _year_before(last)


def _year_before(day: date) -> date:
    if day.month == 2 and day.day == 29:
        return date(day.year - 1, 2, 28)
    return date(day.year - 1, day.month, day.day)


def within(events: Events, query: Mapping[str, str], days: tuple[date, date] | None) -> list[Sent]:
    """The events of these days."""
    return [event for event in events if days is None or days[0] <= day_of(event, query) <= days[1]]


def without_bots(events: Events) -> list[Sent]:
    """The events that count."""
    return [event for event in events if not event.bot]


def newest_first(events: Events) -> list[Sent]:
    """The events by (timestamp, id), latest first."""
    return sorted(events, key=lambda event: (event.timestamp, event.id), reverse=True)


def counts(events: Events) -> dict[str, int]:
    """Clicks, conversions, visitors and events, without bots."""
    human = without_bots(events)
    return {
        "clicks": sum(event.event_type == "inbound" for event in human),
        "conversions": sum(event.event_type == "outbound" for event in human),
        "visitors": sum(event.new_visitor for event in human),
        "events": len(human),
    }


def totals(events: Events) -> dict[str, int]:
    """Counts, the rate, and the bots left out."""
    counted = counts(events)
    rate = 0
    if counted["clicks"]:
        whole, rest = divmod(counted["conversions"] * 100, counted["clicks"])
        rate = whole + (rest * 2 >= counted["clicks"])
    return {**counted, "conversionRate": rate, "bots": sum(event.bot for event in events)}


def by(events: Events, name_of: Callable[[Sent], str | None]) -> dict[str, list[Sent]]:
    """The events of each name, bots left out; most events first, equal ones by name."""
    found: dict[str, list[Sent]] = {}
    for event in without_bots(events):
        if (name := name_of(event)) is not None:
            found.setdefault(name, []).append(event)
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))


def numbers_by(events: Events, name_of: Callable[[Sent], str | None]) -> dict[str, int]:
    """How many events each name has, the first 100."""
    return {name: len(found) for name, found in list(by(events, name_of).items())[:100]}


def lines_by(events: Events, name_of: Callable[[Sent], str | None], key: str = "name") -> list[Any]:
    """The counts of each name, the first 100."""
    return [{key: name, **counts(found)} for name, found in list(by(events, name_of).items())[:100]]


def partner_of(event: Sent) -> str:
    """Whose event it is: of who sent an inbound one, of who first brought an outbound one."""
    return event.referrer if event.event_type == "inbound" else event.original_source or event.referrer


def series(events: Events, query: Mapping[str, str], days: tuple[date, date]) -> dict[Any, dict[str, int]]:
    """The counts of each bucket that has an event, by what clocks and calendars show."""
    length = (days[1] - days[0]).days + 1
    zone = ZoneInfo(query.get("tz", "UTC"))

    def bucket(moment: datetime) -> Any:
        local = moment.astimezone(zone)
        if length <= 2:
            return (local.date(), local.hour, local.utcoffset())
        return (local.year, local.month) if length > 400 else local.date()

    found: dict[Any, list[Sent]] = {}
    for event in without_bots(within(events, query, days)):
        found.setdefault(bucket(event.timestamp), []).append(event)
    return {key: counts(events) for key, events in found.items()}


def clicks_by_day(events: Iterable[Sent], query: Mapping[str, str], days: tuple[date, date]) -> list[Any]:
    """The clicks of each day, newest first, zeros included."""
    clicks = [day_of(event, query) for event in events if event.event_type == "inbound" and not event.bot]
    count = (days[1] - days[0]).days + 1
    return [
        {"date": str(day), "clicks": clicks.count(day)} for day in (days[1] - n * DAY for n in range(count))
    ]
