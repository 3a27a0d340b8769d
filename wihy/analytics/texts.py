"""The texts of combinations, remembered: they never change, and a dashboard shows thousands of them at a time."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from flask import current_app
from sqlalchemy import select

from wihy.core.replica import reader, reading
from wihy.tracking.models import Combination, EventType

REMEMBERED = 50_000
AT_ONCE = 500  # so many parameters any database takes


class Texts(NamedTuple):
    """What figures show of a combination; `partner` is whom it counts for, `led_to` where it led a visitor out to."""

    referrer: str
    original_source: str
    campaign: str
    landing_page: str
    destination: str | None
    event_type: str
    partner: str
    led_to: str | None


STORED = Texts._fields[:6]


@reading
def texts_of(ids: Collection[int]) -> dict[int, Texts]:
    """Return the texts of combinations by their ids: at least those of `ids`."""
    memory: dict[int, Texts] = current_app.extensions.get("combination_texts", {})
    missing = [id_ for id_ in ids if id_ not in memory]
    if not missing:
        return memory
    known = memory if len(memory) + len(missing) <= REMEMBERED else {}
    # a new dictionary: other threads read the one there was
    found = known | {id_: memory[id_] for id_ in ids if id_ in memory} | dict(_read(missing))
    current_app.extensions["combination_texts"] = found
    return found


def _read(ids: list[int]) -> Iterable[tuple[int, Texts]]:
    columns = [getattr(Combination, name) for name in STORED]
    for start in range(0, len(ids), AT_ONCE):
        wanted = Combination.id.in_(ids[start : start + AT_ONCE])
        for row in reader().execute(select(Combination.id, *columns).where(wanted)):
            yield row[0], _with_what_follows(*row[1:])


def _with_what_follows(
    referrer: str, source: str, campaign: str, landing_page: str, destination: str | None, event_type: str
) -> Texts:
    is_inbound = event_type == EventType.INBOUND
    partner, led_to = (referrer, None) if is_inbound else (source, destination)
    return Texts(referrer, source, campaign, landing_page, destination, event_type, partner, led_to)
