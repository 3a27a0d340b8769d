"""What is pushed to open pages after captures.

Staff get `tracking:captured` {events, count}: the newest of the merged events, without bots, and how many there were.
The page adds `count` to its own figures: how many came in the last five minutes would cost a query a message. Public
engagement pages only hear `engagement:changed`, without data, and fetch what they may see.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app

from wihy.core.answers import answers
from wihy.core.clock import to_text
from wihy.core.database import after_commit
from wihy.live.channel import Channel
from wihy.live.merging import Merger
from wihy.live.relay import Relay
from wihy.live.sockets import STAFF_ROOM, live, public_room
from wihy.tracking.facts import EventsStored, StoredEvent
from wihy.tracking.models import EventType

MOST_EVENTS = 20
MOST_ROOMS = 1_000  # a flood of invented referrers must not become a flood of messages


@dataclass(frozen=True, slots=True)
class Captured:
    """News of captures: the newest events, how many there were, and the ids whose pages changed."""

    events: tuple[StoredEvent, ...]
    count: int
    tracking_ids: frozenset[str]


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
        channel.send("engagement:changed", None, [public_room(name) for name in news.tracking_ids])

    found: Merger[Captured] | None = current_app.extensions.get("live_captures")
    if found is None:
        found = current_app.extensions.setdefault("live_captures", Merger(_merge, send))
    return found


def _news(events: list[StoredEvent]) -> Captured:
    return Captured(_newest(events), len(events), frozenset(_credited(event) for event in events))


def _newest(events: Iterable[StoredEvent]) -> tuple[StoredEvent, ...]:
    # not `nlargest`, which is slower for the few that there are
    return tuple(sorted(events, key=_order, reverse=True)[:MOST_EVENTS])


def _order(event: StoredEvent) -> tuple[datetime, int]:
    return event.timestamp, event.id.int


def _merge(older: Captured, newer: Captured) -> Captured:
    ids = older.tracking_ids | newer.tracking_ids
    if len(ids) > MOST_ROOMS:
        ids = frozenset(list(ids)[:MOST_ROOMS])
    return Captured(_newest((*newer.events, *older.events)), older.count + newer.count, ids)


def _credited(event: StoredEvent) -> str:
    """Return the id whose page counts `event`."""
    return event.original_source if event.event_type == EventType.OUTBOUND else event.referrer


def _payload(news: Captured) -> dict[str, Any]:
    return {"events": [_event_json(event) for event in news.events], "count": news.count}


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
