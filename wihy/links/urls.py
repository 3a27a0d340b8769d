"""Addresses of saved links."""

from wihy.core.settings import settings
from wihy.links.models import SavedLink
from wihy.tracking import urls

PREFIX = "/l/"


def short_url(slug: str) -> str:
    """Return the short address: what is shared, printed and scanned."""
    return f"{settings().public_url}{PREFIX}{slug}"


def tracking_url(link: SavedLink) -> str:
    """Return where `link` leads: its target with who refers, and why."""
    return urls.tracking_url(link.target, link.referrer, link.campaign, link.source)
