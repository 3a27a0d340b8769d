"""The demo's saved links, whose clicks the generator makes, and its shared dashboards."""

from datetime import timedelta
from uuid import UUID

from wihy.core.capabilities import Status
from wihy.core.clock import now
from wihy.core.database import transaction
from wihy.core.settings import settings
from wihy.demo import cast
from wihy.links import service as links
from wihy.links.queries import find_link
from wihy.shares import service as shares
from wihy.shares.models import ShareLink
from wihy.shares.queries import list_shares

BEFORE = timedelta(days=41)  # the autumn's campaign begins a little later
MOST = 200
REVOKED = cast.SHARES[-1][0]  # so that the list shows what that looks like


def ensure_links(made_by: UUID | None) -> None:
    """Save the demo's links, where they are not there yet."""
    with transaction():
        for number, one in enumerate(cast.LINKS):
            if find_link(one.slug) is None:
                target = f"{settings().site_url}{one.page}"
                new = {
                    "slug": one.slug,
                    "referrer": one.referrer,
                    "campaign": one.campaign,
                    "target": target,
                }
                link = links.create_link(links.NewLink.model_validate(new), made_by)
                link.created_at = now() - BEFORE - timedelta(hours=number)
                if one.archived:
                    links.change_link(one.slug, {"archived": True})


def ensure_shares(made_by: UUID | None) -> None:
    """Share the demo's dashboards, where they are not shared yet, or not any more."""
    for name, filters in reversed(cast.SHARES):  # the newest stands first
        found = _find(name)
        if found is None or (name != REVOKED and found.status is not Status.ACTIVE):
            with transaction():
                new = shares.NewShare.model_validate({"name": name, "filters": filters})
                share = shares.create_share(new, made_by).share
                if name == REVOKED:
                    shares.revoke_share(share.id)


def find_share_token() -> str | None:
    """Return the token of the demo's first share."""
    share = _find(cast.SHARES[0][0])
    return share.capability.find_token() if share else None


def _find(name: str) -> ShareLink | None:
    """Return the newest share of this name."""
    newest = list_shares(limit=MOST).shares
    return next((listed.share for listed in newest if listed.share.name == name), None)
