"""Writing captures: each event once, its visitor once a day, its combination once for ever."""

from collections.abc import Sequence
from datetime import UTC
from uuid import UUID

from sqlalchemy import select

from wihy.core.database import db, insert_new
from wihy.core.facts import announce
from wihy.core.settings import settings
from wihy.tracking.addresses import address_digest
from wihy.tracking.capture import Capture, Outcome
from wihy.tracking.combinations import CombinationTexts, combination_ids
from wihy.tracking.facts import EventsStored, StoredEvent
from wihy.tracking.models import Event
from wihy.tracking.normalise import destination_name, landing_page_in_figures
from wihy.tracking.visitors import store_visitors, visitor_of


class Raced(Exception):
    """Another transaction stored one of the events meanwhile."""


def store(captures: Sequence[Capture]) -> list[Outcome]:
    """Store those of `captures` whose id is new (flushed) and announce them; returns what became of each, in order.

    Raises `Raced` where the whole should be tried again in a new transaction.
    """
    fresh = _fresh(captures)
    ordered = sorted(fresh.values(), key=lambda capture: capture.id)
    texts = {capture.id: texts_of(capture) for capture in ordered}
    ids = combination_ids(set(texts.values())) if texts else {}
    newcomers = _newcomers(ordered)
    rows = [_row(capture, ids[texts[capture.id]], capture.id in newcomers) for capture in ordered]
    if len(insert_new(Event, rows, Event.id)) < len(rows):
        raise Raced
    announce_stored(ordered, texts, newcomers)
    return _outcomes(captures, fresh)


def texts_of(capture: Capture) -> CombinationTexts:
    """Return the texts of `capture` in the form figures show."""
    return CombinationTexts(
        referrer=capture.referrer,
        original_source=capture.original_source,
        campaign=capture.campaign,
        landing_page=landing_page_in_figures(capture.landing_page, settings().site_url),
        destination=destination_name(capture.destination_url),
        event_type=capture.event_type,
        link_slug=capture.link_slug,
    )


def announce_stored(
    captures: Sequence[Capture],
    texts: dict[UUID, CombinationTexts],
    newcomers: set[UUID],
) -> None:
    """Announce that `captures` are stored."""
    events = [
        StoredEvent(
            **texts[capture.id]._asdict(),
            id=capture.id,
            timestamp=capture.timestamp,
            is_bot=capture.is_bot,
            new_visitor=capture.id in newcomers,
        )
        for capture in captures
    ]
    if events:
        announce(EventsStored(events))


def _fresh(captures: Sequence[Capture]) -> dict[UUID, Capture]:
    """Return by id those not stored yet, of repeats among them the first."""
    wanted = [capture.id for capture in captures]
    stored = set(db.session.scalars(select(Event.id).where(Event.id.in_(wanted))))
    fresh: dict[UUID, Capture] = {}
    for capture in captures:
        if capture.id not in stored:
            fresh.setdefault(capture.id, capture)
    return fresh


def _newcomers(captures: Sequence[Capture]) -> set[UUID]:
    """Return the ids of the events that are the first of their visitor on their day."""
    first: dict[object, Capture] = {}
    visitors = {capture.id: visitor_of(capture) for capture in captures}
    for capture in sorted(captures, key=lambda capture: (capture.timestamp, capture.id)):
        if visitors[capture.id] is not None:
            first.setdefault(visitors[capture.id], capture)
    new = store_visitors(visitor for visitor in visitors.values() if visitor is not None)
    return {first[visitor].id for visitor in new}


def _row(capture: Capture, combination_id: int, new_visitor: bool) -> dict[str, object]:
    day = capture.timestamp.astimezone(UTC).date()
    address = capture.address
    return {
        "id": capture.id,
        "referrer": capture.referrer,
        "campaign": capture.campaign,
        "landing_page": capture.landing_page,
        "original_source": capture.original_source,
        "destination_url": capture.destination_url,
        "event_type": capture.event_type.value,
        "timestamp": capture.timestamp,
        "user_agent": capture.user_agent,
        "ip_address": address_digest(settings().ip_hash_secret, day, address) if address else None,
        "session_id": capture.session_id,
        "combination_id": combination_id,
        "link_slug": capture.link_slug,
        "is_bot": capture.is_bot,
        "new_visitor": new_visitor,
    }


def _outcomes(captures: Sequence[Capture], fresh: dict[UUID, Capture]) -> list[Outcome]:
    waiting = set(fresh)
    outcomes = []
    for capture in captures:
        is_new = capture.id in waiting
        waiting.discard(capture.id)
        outcomes.append(Outcome(capture.id, capture.is_bot, is_duplicate=not is_new))
    return outcomes
