"""Single events: the latest, a page of them, or all, newest first by (timestamp, id)."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, Select, select, tuple_

from wihy.analytics.filters import Selection
from wihy.analytics.parts import is_rare, listed, moments, selected
from wihy.analytics.periods import Period
from wihy.core.database import end_reading
from wihy.core.paging import Cursor
from wihy.core.replica import reader, reading
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
    """An event in the form figures show."""

    id: UUID
    timestamp: datetime
    event_type: str
    referrer: str
    original_source: str
    campaign: str
    landing_page: str
    destination: str | None

    @property
    def led_to(self) -> str | None:
        """Where it led: out to a destination, or in to a landing page."""
        return self.destination if self.event_type == EventType.OUTBOUND else self.landing_page


class ActivityPage(NamedTuple):
    """Some activity, and where the next begins (None: there is no more)."""

    activity: list[Activity]
    next_cursor: Cursor | None


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
ACTIVITY_COLUMNS = (
    Event.id,
    Event.timestamp,
    Combination.event_type,
    Combination.referrer,
    Combination.original_source,
    Combination.campaign,
    Combination.landing_page,
    Combination.destination,
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
    rows, next_cursor = _newest(select(*COLUMNS), selection, period, limit, after, bots=bots)
    return Page([ListedEvent._make(row) for row in rows], next_cursor)


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


def list_activity(
    selection: Selection, period: Period | None, *, limit: int, after: Cursor | None = None
) -> ActivityPage:
    """Return at most `limit` events behind `after` in the form figures show; known bots are left out."""
    statement = select(*ACTIVITY_COLUMNS).join(Combination, Combination.id == Event.combination_id)
    rows, next_cursor = _newest(statement, selection, period, limit, after)
    return ActivityPage([Activity._make(row) for row in rows], next_cursor)


@reading
def _newest(
    statement: Select[*tuple[Any, ...]],
    selection: Selection,
    period: Period | None,
    limit: int,
    after: Cursor | None,
    *,
    bots: bool = False,
) -> tuple[Sequence[Row[Any]], Cursor | None]:
    order = NEWEST_FIRST
    statement = statement.where(*moments(period), *([] if bots else [~Event.is_bot]))
    if after:
        statement = statement.where(tuple_(Event.timestamp, Event.id) < tuple_(after.at, after.id))
    if is_rare(selection):  # found first and sorted then, or all events would be gone through for the few
        found = (
            statement.where(listed(Event.combination_id, selection)).cte("found").prefix_with("MATERIALIZED")
        )
        statement, order = select(found), (found.c.timestamp.desc(), found.c.id.desc())
    else:
        statement = statement.where(selected(selection))
    rows = reader().execute(statement.order_by(*order).limit(limit + 1)).all()
    more = len(rows) > limit
    return rows[:limit], Cursor(rows[limit - 1].timestamp, rows[limit - 1].id) if more else None
