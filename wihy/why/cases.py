"""A stored event with all that a verdict on it needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from wihy.links.models import SavedLink
from wihy.links.queries import find_links
from wihy.partners.models import PartnerAccess
from wihy.partners.queries import find_partners
from wihy.tracking.models import Combination, DailyFigure, Event, EventType
from wihy.tracking.queries import combinations_by_id, figures_of


@dataclass(frozen=True, slots=True)
class Case:
    """An event, the texts and the figures it counts in, and what it names."""

    event: Event
    combination: Combination | None
    figure: DailyFigure | None
    partner: PartnerAccess | None
    link: SavedLink | None

    @property
    def is_outbound(self) -> bool:
        """Whether it is a conversion, if it counts."""
        return self.event.event_type == EventType.OUTBOUND

    @property
    def counts_for(self) -> str:
        """The id it counts for: who sent the visitor in, or who first brought whom it led out."""
        return credited_id(self.event)

    @property
    def day(self) -> date:
        """The UTC day it counts in."""
        return self.event.timestamp.date()

    @property
    def is_in_figures(self) -> bool:
        """Whether the figures of its day have events like it."""
        return self.figure is not None and self.figure.events > 0


def credited_id(event: Event) -> str:
    """Return the id that `event` counts for."""
    is_outbound = event.event_type == EventType.OUTBOUND
    return (event.original_source or event.referrer) if is_outbound else event.referrer


def cases_of(events: Sequence[Event]) -> list[Case]:
    """Return the case of each of `events`, in a few queries for all."""
    ids = {event.combination_id for event in events if event.combination_id is not None}
    combinations = combinations_by_id(ids)
    keys = {(event.timestamp.date(), event.combination_id) for event in events}
    figures = figures_of({(day, id_) for day, id_ in keys if id_ is not None})
    partners = find_partners({credited_id(event) for event in events})
    links = find_links({event.link_slug for event in events if event.link_slug})
    return [
        Case(
            event,
            combinations.get(event.combination_id or 0),
            figures.get((event.timestamp.date(), event.combination_id or 0)),
            partners.get(credited_id(event)),
            links.get(event.link_slug or ""),
        )
        for event in events
    ]
