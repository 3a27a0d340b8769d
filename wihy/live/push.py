"""What is pushed to open pages after captures.

Staff get `tracking:captured` {events, count}: the newest of the merged events, without bots, and how many there were.
The page adds `count` to its own figures: how many came in the last five minutes would cost a query a message.

Who sees all of a partner's page gets `engagement:captured` {clicks, conversions, events}: how many were captured for
it, and those of the newest that are its. Who sees the public part only hears `engagement:changed`, without data, and
fetches what they may see.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from flask import current_app

from wihy.core.answers import answers
from wihy.core.clock import to_text
from wihy.core.database import after_commit
from wihy.live.channel import Channel
from wihy.live.merging import Merger
from wihy.live.relay import Relay
from wihy.live.rooms import STAFF_ROOM, partner_room, public_room
from wihy.live.sockets import live
from wihy.tracking.facts import EventsStored, StoredEvent
from wihy.tracking.models import EventType

MOST_EVENTS = 20
MOST_ROOMS = 1_000  # a flood of invented referrers must not become a flood of messages
MOST_PAGES = 100  # each of these is a message of its own
NONE = (0, 0)


@dataclass(frozen=True, slots=True)
class Captured:
    """News of captures: the newest events, how many there were, and (clicks, conversions) of the ids they count for."""

    events: tuple[StoredEvent, ...]
    count: int
    pages: Mapping[str, tuple[int, int]]


def push_captures(fact: EventsStored) -> None:
    """Tell open pages of new events, once they are committed."""
    events = [event for event in fact.events if not event.is_bot]
    if events:
        news = _news(events)
        merger = _merger(live())
        after_commit(lambda: merger.add(news))


def _merger(channel: Channel | Relay) -> Merger[Captured]:
    shared = answers()

    def send(news: Captured) -> None:
        shared.tell_others()  # first: who hears of it fetches at once
        channel.send("tracking:captured", _payload(news), [STAFF_ROOM])
        _tell_pages(channel, news)

    found: Merger[Captured] | None = current_app.extensions.get("live_captures")
    if found is None:
        found = current_app.extensions.setdefault("live_captures", Merger(_merge, send))
    return found


def _tell_pages(channel: Channel | Relay, news: Captured) -> None:
    ids = list(news.pages)
    for name in ids[:MOST_PAGES]:
        channel.send("engagement:captured", _page_payload(name, news), [partner_room(name)])
    hearing = [*map(public_room, ids), *map(partner_room, ids[MOST_PAGES:])]
    channel.send("engagement:changed", None, hearing)


def _news(events: list[StoredEvent]) -> Captured:
    pages: dict[str, tuple[int, int]] = {}
    for event in events:
        name = _credited(event)
        clicks, conversions = pages.get(name, NONE)
        is_click = event.event_type == EventType.INBOUND
        pages[name] = (clicks + 1, conversions) if is_click else (clicks, conversions + 1)
    return Captured(_newest(events), len(events), pages)


def _newest(events: Iterable[StoredEvent]) -> tuple[StoredEvent, ...]:
    # not `nlargest`, which is slower for the few that there are
    return tuple(sorted(events, key=_order, reverse=True)[:MOST_EVENTS])


def _order(event: StoredEvent) -> tuple[datetime, int]:
    return event.timestamp, event.id.int


def _merge(older: Captured, newer: Captured) -> Captured:
    pages = dict(newer.pages)
    for name, (clicks, conversions) in older.pages.items():
        more_clicks, more_conversions = pages.get(name, NONE)
        pages[name] = (clicks + more_clicks, conversions + more_conversions)
    events = _newest((*newer.events, *older.events))
    return Captured(events, older.count + newer.count, dict(islice(pages.items(), MOST_ROOMS)))


def _credited(event: StoredEvent) -> str:
    """Return the id whose page counts `event`."""
    return event.original_source if event.event_type == EventType.OUTBOUND else event.referrer


def _payload(news: Captured) -> dict[str, Any]:
    return {"events": [_event_json(event) for event in news.events], "count": news.count}


def _page_payload(name: str, news: Captured) -> dict[str, Any]:
    """Return what the partner `name` may know: no id of an event, and nothing of another partner."""
    clicks, conversions = news.pages[name]
    own = (event for event in news.events if _credited(event) == name)
    return {
        "clicks": clicks,
        "conversions": conversions,
        "events": [
            {
                "timestamp": to_text(event.timestamp),
                "campaign": event.campaign,
                "destination": event.destination
                if event.event_type == EventType.OUTBOUND
                else event.landing_page,
                "eventType": event.event_type,
            }
            for event in own
        ],
    }


def _event_json(event: StoredEvent) -> dict[str, Any]:
    return {
        "id": str(event.id),
        "timestamp": to_text(event.timestamp),
        "referrer": event.referrer,
        "partnerName": None,
        "campaign": event.campaign,
        "landingPage": event.landing_page,
        "destination": event.destination,
        "originalSource": event.original_source,
        "eventType": event.event_type,
    }
