"""Events for tests, stored straight through the tables as capture would store them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import md5
from uuid import UUID

from flask import Flask
from sqlalchemy import delete, insert

from wihy.core.answers import renew
from wihy.core.database import db, transaction
from wihy.core.ids import new_id
from wihy.tracking.figures import rebuild_day
from wihy.tracking.models import Combination, DailyFigure, Event, QuarterHourFigure

FIRST_SEEN = date(2026, 1, 1)


@dataclass(frozen=True)
class Sent:
    """An event as it was sent, with what the figures call its landing page and destination."""

    timestamp: datetime
    referrer: str = "partner_john"
    event_type: str = "inbound"
    campaign: str = "facebook_nov"
    landing_page: str = "/about"
    page_in_figures: str = "/about"
    original_source: str | None = None
    destination_url: str | None = None
    destination: str | None = None
    link: str | None = None
    bot: bool = False
    new_visitor: bool = False
    user_agent: str | None = "Mozilla/5.0"
    session_id: str | None = None
    id: UUID = field(default_factory=new_id)

    @property
    def texts(self) -> tuple[str | None, ...]:
        """What makes its combination."""
        return (
            self.referrer,
            self.original_source or self.referrer,
            self.campaign,
            self.page_in_figures,
            self.destination,
            self.event_type,
            self.link,
        )


def store(app: Flask, events: Iterable[Sent]) -> None:
    """Store `events` and their combinations, which must be new."""
    sent = list(events)
    numbers = {texts: number for number, texts in enumerate({event.texts: None for event in sent}, 1)}
    if not sent:
        return
    with app.app_context(), transaction():
        db.session.execute(insert(Combination), [_combination(n, texts) for texts, n in numbers.items()])
        db.session.execute(insert(Event), [_event(event, numbers[event.texts]) for event in sent])
        for day in {event.timestamp.astimezone(UTC).date() for event in sent}:
            rebuild_day(day)
        renew(sent)


def _combination(number: int, texts: Sequence[str | None]) -> dict[str, object]:
    names = (
        "referrer",
        "original_source",
        "campaign",
        "landing_page",
        "destination",
        "event_type",
        "link_slug",
    )
    return {"id": number, "digest": _digest(texts), "first_seen_on": FIRST_SEEN} | dict(
        zip(names, texts, strict=True)
    )


def _digest(texts: Sequence[str | None]) -> bytes:
    return md5(repr(texts).encode(), usedforsecurity=False).digest()


def _event(sent: Sent, combination_id: int) -> dict[str, object]:
    return {
        "id": sent.id,
        "timestamp": sent.timestamp,
        "referrer": sent.referrer,
        "campaign": sent.campaign,
        "landing_page": sent.landing_page,
        "original_source": sent.original_source or sent.referrer,
        "destination_url": sent.destination_url,
        "event_type": sent.event_type,
        "user_agent": sent.user_agent,
        "ip_address": "kept-from-everyone",
        "session_id": sent.session_id,
        "combination_id": combination_id,
        "link_slug": sent.link,
        "is_bot": sent.bot,
        "new_visitor": sent.new_visitor,
    }


def replace_events(app: Flask, events: Iterable[Sent]) -> None:
    """Store `events` instead of those that are there."""
    with app.app_context(), transaction():
        for model in (DailyFigure, QuarterHourFigure, Event, Combination):
            db.session.execute(delete(model))
        renew(model)
    app.extensions.pop("combination_texts", None)  # nobody else ever deletes a combination
    store(app, events)
