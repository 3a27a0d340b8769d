"""A capture as it is written: with the row of its texts, its visitor, and the quarter of an hour it counts in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from wihy.core.database import transaction
from wihy.core.settings import settings
from wihy.tracking.addresses import address_digest
from wihy.tracking.capture import Capture
from wihy.tracking.combinations import CombinationTexts, combinations_of, recall_combinations
from wihy.tracking.models import EventType
from wihy.tracking.normalise import destination_name, landing_page_in_figures
from wihy.tracking.visitors import day_keys, recall_day_keys, visitor_hash

QUARTER_HOUR_SECONDS = 900
QUARTER_HOUR_COUNTS = (
    "clicks",
    "click_visitors",
    "click_bots",
    "conversions",
    "conversion_visitors",
    "conversion_bots",
)


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
    """Return the entries of `captures`, ordered by id, of several with one id the first.

    Combinations and day keys that they are the first to name are stored before, in a transaction of their own: without
    events they count nothing.
    """
    site_url, secret = settings().site_url, settings().ip_hash_secret
    first = {capture.id.int: capture for capture in reversed(captures)}
    ordered = [first[number] for number in sorted(first)]
    texts = [texts_of(capture, site_url) for capture in ordered]
    days = [capture.timestamp.date() for capture in ordered]
    combinations, keys = recall_combinations(set(texts)), recall_day_keys(set(days))
    if combinations is None or keys is None:
        with transaction():
            combinations = combinations or combinations_of(set(texts))
            keys = keys or day_keys(set(days))
    return [
        _entry(capture, day, *combinations[its_texts], secret, keys[day])
        for capture, day, its_texts in zip(ordered, days, texts, strict=True)
    ]


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


def texts_of(click: Click, site_url: str) -> CombinationTexts:
    """Return the texts of `click` in the form figures show, with `site_url` as the marketed site."""
    return CombinationTexts(
        click.referrer,
        click.original_source or click.referrer,
        click.campaign,
        landing_page_in_figures(click.landing_page, site_url),
        destination_name(click.destination_url),
        click.event_type or EventType.INBOUND.value,
        click.link_slug,
    )


def partner_of(texts: CombinationTexts) -> str:
    """Return the id that an event with `texts` counts for: who sent it in, or who first brought whom it led out."""
    return texts.referrer if texts.event_type == EventType.INBOUND else texts.original_source


def _entry(
    capture: Capture, day: date, combination_id: int, texts: CombinationTexts, secret: str, key: bytes
) -> Entry:
    address = capture.address
    return Entry(
        capture,
        day,
        int(capture.timestamp.timestamp()) // QUARTER_HOUR_SECONDS,
        texts,
        combination_id,
        partner_of(texts),
        address_digest(secret, day, address) if address else None,
        visitor_hash(capture, key),
    )
