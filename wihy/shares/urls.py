"""Addresses of shared dashboards."""

from uuid import UUID

from wihy.core.settings import settings

PREFIX = "/share"


def share_url(token: str) -> str:
    """Return the link that opens a shared dashboard: it is the token, so it is never logged."""
    return f"{settings().public_url}{PREFIX}/{token}"


def page_path(share_id: UUID) -> str:
    """Return where the dashboard itself stands, for who came by its link."""
    return f"{PREFIX}/{share_id}"
