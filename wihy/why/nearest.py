"""What somebody who misspelt an id probably meant."""

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import NamedTuple
from zoneinfo import ZoneInfo

from wihy.analytics import service as analytics
from wihy.analytics.service import Dimension, Selection
from wihy.links.queries import newest_slugs
from wihy.partners.queries import newest_ids
from wihy.why.steps import Nearest

CLOSE = 0.8  # of two ids with ten characters, two may differ
MOST_COMPARED = 20_000
MOST_SOURCES = 1_000
LONGEST_COMPARED = (
    40  # longer ids are pasted, not typed; those that strangers made all alike would take seconds
)


class Source(NamedTuple):
    """Where ids of one kind come from."""

    kind: str
    ids: Callable[[], Iterable[str]]


def _seen() -> list[str]:
    """Return who brought most events in the last 30 days."""
    period = analytics.default_period(ZoneInfo("UTC"))
    found = analytics.breakdown(Selection(), period, Dimension.PARTNER, limit=MOST_SOURCES)
    return [row.name for row in found.rows]


PARTNERS = Source("partner", lambda: newest_ids(MOST_COMPARED))
SOURCES = Source("source", _seen)
LINKS = Source("link", lambda: newest_slugs(MOST_COMPARED))


def nearest_to(text: str, *sources: Source) -> Nearest | None:
    """Return the id most like `text`, but not itself, of the first of `sources` that has one."""
    if len(text) > LONGEST_COMPARED:
        return None
    return next((found for source in sources if (found := _nearest_of(text, source))), None)


def _nearest_of(text: str, source: Source) -> Nearest | None:
    by_lower: dict[str, str] = {}
    for id_ in source.ids():
        if id_ != text and len(id_) <= LONGEST_COMPARED:
            by_lower.setdefault(id_.lower(), id_)
    close = get_close_matches(text.lower(), by_lower, n=1, cutoff=CLOSE)
    return Nearest(source.kind, by_lower[close[0]]) if close else None
