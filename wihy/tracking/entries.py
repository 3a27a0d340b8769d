"""A capture as it is written: with the row of its texts, its visitor, and the quarter of an hour it counts in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Protocol

from wihy.core.settings import settings
from wihy.tracking.addresses import address_digest
from wihy.tracking.capture import Capture
from wihy.tracking.combinations import CombinationTexts, combinations_of
from wihy.tracking.models import EventType
from wihy.tracking.normalise import destination_name, landing_page_in_figures
from wihy.tracking.visitors import visitor_hash

QUARTER_HOUR_SECONDS = 900


class Raced(Exception):
    """Another transaction stored one of the events meanwhile: the same again will find it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A capture and all that is written with it. `day` is UTC's; `quarter` counts quarters of an hour since 1970."""

    capture: Capture
    day: date
    quarter: int
    texts: CombinationTexts
    combination_id: int
    partner: str
    ip_address: str | None
    visitor: bytes | None


def entries_of(captures: Sequence[Capture]) -> list[Entry]:
    """Return the entries of `captures`, ordered by id; new combinations and day keys are stored (flushed)."""
    texts = {capture.id: texts_of(capture) for capture in captures}
    combinations = combinations_of(set(texts.values()))
    ordered = sorted(captures, key=lambda capture: capture.id)
    return [_entry(capture, *combinations[texts[capture.id]]) for capture in ordered]


class Click(Protocol):
    """What a capture, a stored event and a row of sample data have in common: the texts as they were sent."""

    @property
    def referrer(self) -> str: ...
    @property
    def campaign(self) -> str: ...
    @property
    def landing_page(self) -> str: ...
    @property
    def original_source(self) -> str | None: ...
    @property
    def destination_url(self) -> str | None: ...
    @property
    def event_type(self) -> str | None: ...
    @property
    def link_slug(self) -> str | None: ...


def texts_of(click: Click) -> CombinationTexts:
    """Return the texts of `click` in the form figures show."""
    return CombinationTexts(
        referrer=click.referrer,
        original_source=click.original_source or click.referrer,
        campaign=click.campaign,
        landing_page=landing_page_in_figures(click.landing_page, settings().site_url),
        destination=destination_name(click.destination_url),
        event_type=str(click.event_type or EventType.INBOUND),
        link_slug=click.link_slug,
    )


def partner_of(texts: CombinationTexts) -> str:
    """Return the id that an event with `texts` counts for: who sent it in, or who first brought whom it led out."""
    return texts.referrer if texts.event_type == EventType.INBOUND else texts.original_source


def _entry(capture: Capture, combination_id: int, texts: CombinationTexts) -> Entry:
    day = capture.timestamp.astimezone(UTC).date()
    digest = address_digest(settings().ip_hash_secret, day, capture.address) if capture.address else None
    return Entry(
        capture=capture,
        day=day,
        quarter=int(capture.timestamp.timestamp()) // QUARTER_HOUR_SECONDS,
        texts=texts,
        combination_id=combination_id,
        partner=partner_of(texts),
        ip_address=digest,
        visitor=visitor_hash(capture, day),
    )
