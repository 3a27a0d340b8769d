"""Telling a fact: a row in the transaction of the change, heard in its room after the commit, and by who comes later.

A room's sequence is taken as the last thing before the commit, and held no longer: so the sequences of a room are
committed in their order, and who has heard one has heard all before it.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, insert
from sqlalchemy.dialects import postgresql, sqlite

from wihy.core import clock
from wihy.core.database import after_commit, before_commit, db, is_postgresql
from wihy.live.models import LiveEvent, LiveRoom
from wihy.live.sockets import live


class _Fact(NamedTuple):
    room: str
    event: str
    payload: Mapping[str, Any]


def tell(room: str, event: str, payload: Mapping[str, Any]) -> None:
    """Let `room` hear of `event` once the open transaction is committed; a rolled back one tells nothing.

    `payload` is JSON, read at the commit. Listeners get it as it is, and behind it `{room, sequence}`.
    """
    before_commit(_write, _Fact(room, event, payload))


def _write(facts: list[_Fact]) -> None:
    counts = Counter(fact.room for fact in facts)
    last = _count_on(counts)
    following = {room: last[room] - count for room, count in counts.items()}
    rows = []
    for fact in facts:
        following[fact.room] += 1
        rows.append({**fact._asdict(), "sequence": following[fact.room], "at": clock.now()})
    db.session.execute(insert(LiveEvent), rows)
    channel, rooms = live(), frozenset(counts)
    after_commit(lambda: channel.wake(rooms))


def _count_on(counts: Mapping[str, int]) -> dict[str, int]:
    """Take so many sequences of each room; returns the last of each. Sorted, so that no two wait in a circle."""
    dialect = postgresql if is_postgresql() else sqlite
    rows = [{"room": room, "sequence": count} for room, count in sorted(counts.items())]
    new = dialect.insert(cast(Table, LiveRoom.__table__)).values(rows)
    raised = LiveRoom.sequence + new.excluded.sequence
    counting = new.on_conflict_do_update(index_elements=["room"], set_={"sequence": raised})
    found = db.session.execute(counting.returning(LiveRoom.room, LiveRoom.sequence))
    return {row.room: row.sequence for row in found}
