"""Single events: the latest, a page of them, or all, newest first by (timestamp, id)."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, case, select, tuple_

from wihy.analytics.filters import Selection
from wihy.analytics.periods import Period
from wihy.analytics.queries import moments, selected
from wihy.core.database import db, end_reading
from wihy.core.paging import Cursor
from wihy.tracking.models import Combination, Event, EventType

BATCH = 1000


class ListedEvent(NamedTuple):
    """A stored event as staff may see it: without the hash of its address."""

    id: UUID
    timestamp: datetime
    event_type: str | None
    referrer: str
    campaign: str
    landing_page: str
    original_source: str | None
    destination_url: str | None
    link: str | None
    user_agent: str | None
    session_id: str | None
    new_visitor: bool
    bot: bool


class Activity(NamedTuple):
    """An event in the form figures show, as a partner may see it."""

    timestamp: datetime
    campaign: str
    destination: str | None
    event_type: str


class Page(NamedTuple):
    """Some events, and where the next ones begin (None: there are no more)."""

    events: list[ListedEvent]
    next_cursor: Cursor | None


COLUMNS = (
    Event.id,
    Event.timestamp,
    Event.event_type,
    Event.referrer,
    Event.campaign,
    Event.landing_page,
    Event.original_source,
    Event.destination_url,
    Event.link_slug,
    Event.user_agent,
    Event.session_id,
    Event.new_visitor,
    Event.is_bot,
)
NEWEST_FIRST = (Event.timestamp.desc(), Event.id.desc())


def list_events(
    selection: Selection,
    period: Period | None,
    *,
    limit: int,
    after: Cursor | None = None,
    bots: bool = False,
) -> Page:
    """Return at most `limit` events behind `after`; known bots only with `bots`."""
    statement = select(*COLUMNS).where(*_conditions(selection, period, bots=bots))
    if after:
        statement = statement.where(tuple_(Event.timestamp, Event.id) < tuple_(after.at, after.id))
    rows = db.session.execute(statement.order_by(*NEWEST_FIRST).limit(limit + 1)).all()
    events = [ListedEvent._make(row) for row in rows[:limit]]
    more = len(rows) > limit
    return Page(events, Cursor(events[-1].timestamp, events[-1].id) if more else None)


def every_event(
    selection: Selection, period: Period | None, *, after: Cursor | None = None, bots: bool = False
) -> Iterator[ListedEvent]:
    """Yield all events, read a thousand at a time; no transaction stays open while they are sent."""
    while True:
        page = list_events(selection, period, limit=BATCH, after=after, bots=bots)
        end_reading()
        yield from page.events
        after = page.next_cursor
        if after is None:
            return


def recent_activity(selection: Selection, period: Period | None, *, limit: int) -> list[Activity]:
    """Return the latest events; where an inbound one led to is its landing page."""
    led_to = case(
        (Combination.event_type == EventType.OUTBOUND, Combination.destination),
        else_=Combination.landing_page,
    )
    statement = (
        select(Event.timestamp, Combination.campaign, led_to, Combination.event_type)
        .join(Combination, Combination.id == Event.combination_id)
        .where(*_conditions(selection, period, bots=False))
    )
    return [Activity._make(row) for row in db.session.execute(statement.order_by(*NEWEST_FIRST).limit(limit))]


def _conditions(selection: Selection, period: Period | None, *, bots: bool) -> list[ColumnElement[bool]]:
    return [selected(selection), *moments(period), *([] if bots else [~Event.is_bot])]
