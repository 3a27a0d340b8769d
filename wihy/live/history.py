"""Reading what rooms were told, and forgetting it after an hour."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import delete, select

from wihy.core import clock
from wihy.core.database import db, transaction
from wihy.live.models import LiveEvent, LiveRoom

KEPT = timedelta(hours=1)
MOST_REPLAYED = 500


class Told(NamedTuple):
    """A fact that a room was told."""

    sequence: int
    event: str
    payload: dict[str, Any]


def last_sequences(rooms: Collection[str]) -> dict[str, int]:
    """Return the last sequence of each of `rooms`; 0 where nothing was ever told."""
    found = db.session.execute(select(LiveRoom.room, LiveRoom.sequence).where(LiveRoom.room.in_(rooms)))
    return dict.fromkeys(rooms, 0) | {row.room: row.sequence for row in found}


def told_between(room: str, since: int, until: int) -> list[Told] | None:
    """Return all that `room` was told after `since`, up to `until`, in order.

    None: that cannot be known any more (it is over an hour ago), or is too much, or `since` is no sequence of ours.
    """
    if not 0 <= until - since <= MOST_REPLAYED:
        return None
    which = (LiveEvent.room == room, LiveEvent.sequence > since, LiveEvent.sequence <= until)
    found = select(LiveEvent.sequence, LiveEvent.event, LiveEvent.payload).where(*which)
    told = [Told(*row) for row in db.session.execute(found.order_by(LiveEvent.sequence))]
    return told if len(told) == until - since else None


def forget_old() -> None:
    """Delete what was told over an hour ago."""
    with transaction():
        db.session.execute(delete(LiveEvent).where(LiveEvent.at < clock.now() - KEPT))
