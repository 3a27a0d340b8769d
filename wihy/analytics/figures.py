"""What is counted, and how counts add up. Nothing here knows of the database."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from typing import NamedTuple

from wihy.analytics.filters import Dimension
from wihy.tracking.models import EventType


class Metric(StrEnum):
    """What a list is sorted by."""

    CLICKS = "clicks"
    CONVERSIONS = "conversions"
    VISITORS = "visitors"
    EVENTS = "events"


@dataclass(slots=True)
class Figures:
    """Clicks (inbound), conversions (outbound), visitors, events of both kinds; `bots` are in no other."""

    clicks: int = 0
    conversions: int = 0
    visitors: int = 0
    events: int = 0
    bots: int = 0

    @property
    def conversion_rate(self) -> int:
        """Conversions of 100 clicks, half rounded up; 0 without clicks, and maybe over 100."""
        return (200 * self.conversions + self.clicks) // (2 * self.clicks) if self.clicks else 0

    def count(self, event_type: str | None, events: int, visitors: int, bots: int = 0) -> None:
        """Add so many events of one type."""
        if event_type == EventType.INBOUND:
            self.clicks += events
        else:
            self.conversions += events
        self.visitors += visitors
        self.events += events
        self.bots += bots

    def add(self, clicks: int, conversions: int, visitors: int, bots: int = 0) -> None:
        """Add so many of each."""
        self.clicks += clicks
        self.conversions += conversions
        self.visitors += visitors
        self.events += clicks + conversions
        self.bots += bots


class CountedCombination(NamedTuple):
    """How many events have one set of texts; `partner` and `led_to` as `texts.Texts` say."""

    referrer: str
    original_source: str
    campaign: str
    landing_page: str
    destination: str | None
    event_type: str
    partner: str
    led_to: str | None
    events: int
    visitors: int
    bots: int


class Row(NamedTuple):
    """A named line of a breakdown."""

    name: str
    figures: Figures


class Breakdown(NamedTuple):
    """The first lines of a breakdown, and how many there are in all."""

    rows: list[Row]
    total: int


NAME_IN: dict[Dimension, Callable[[CountedCombination], str | None]] = {
    Dimension.PARTNER: attrgetter("partner"),
    Dimension.REFERRER: attrgetter("referrer"),
    Dimension.CAMPAIGN: attrgetter("campaign"),
    Dimension.LANDING_PAGE: attrgetter("landing_page"),
    Dimension.DESTINATION: attrgetter("led_to"),
    Dimension.ORIGINAL_SOURCE: attrgetter("original_source"),
}


def total(counted: Iterable[CountedCombination]) -> Figures:
    """Return the sum of all."""
    figures = Figures()
    for one in counted:
        figures.count(one.event_type, one.events, one.visitors, one.bots)
    return figures


def by(dimension: Dimension, counted: Sequence[CountedCombination]) -> dict[str, Figures]:
    """Return the figures of each name of `dimension` that has an event which is no bot's."""
    inbound = EventType.INBOUND.value
    found: dict[str, Figures] = {}
    # thousands of them, five times a screen: whatever is called for each costs as much as the adding
    for name, one in zip(map(NAME_IN[dimension], counted), counted, strict=True):
        *_, event_type, _, _, events, visitors, _ = one
        if not events or name is None:
            continue
        figures = found.get(name)
        if figures is None:
            figures = found[name] = Figures()
        if event_type == inbound:
            figures.clicks += events
        else:
            figures.conversions += events
        figures.visitors += visitors
        figures.events += events
    return found


def ranked(
    dimension: Dimension, counted: Sequence[CountedCombination], metric: Metric = Metric.EVENTS
) -> list[Row]:
    """Return the lines of a breakdown, most first, equal ones by name."""
    found = by(dimension, counted).items()
    return [Row(*one) for one in sorted(found, key=lambda one: (-getattr(one[1], metric), one[0]))]
