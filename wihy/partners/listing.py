"""Partners as the staff's list shows them: each with what they brought so far."""

from collections.abc import Sequence
from typing import NamedTuple

from wihy.analytics import service as analytics
from wihy.analytics.service import Figures
from wihy.core.paging import Cursor
from wihy.partners.models import PartnerAccess
from wihy.partners.queries import list_partners

PAGE = 50
MOST_CLICKS_A_VISITOR = 5


class ListedPartner(NamedTuple):
    """A partner and the figures of all time."""

    partner: PartnerAccess
    figures: Figures

    @property
    def is_inflated(self) -> bool:
        """Whether there are so many clicks for each visitor that somebody may click their own link.

        No visitor counts as one: who came first by another link is counted there.
        """
        return self.figures.clicks > MOST_CLICKS_A_VISITOR * max(1, self.figures.visitors)


class ListedPage(NamedTuple):
    """Some partners, and the cursor of the next ones (None: there are no more)."""

    partners: Sequence[ListedPartner]
    next_cursor: str | None


def list_with_figures(
    *, q: str | None = None, active: bool | None = None, cursor: str | None = None, limit: int = PAGE
) -> ListedPage:
    """Return a page of partners, newest first; raises `InvalidRequest` for a cursor that is none."""
    after = Cursor.from_text(cursor) if cursor else None
    page = list_partners(limit=limit, q=q, active=active, after=after)
    counted = analytics.count_partners([partner.tracking_id for partner in page.partners])
    return ListedPage(
        [ListedPartner(partner, counted[partner.tracking_id]) for partner in page.partners],
        page.next_cursor.to_text() if page.next_cursor else None,
    )
