"""Addresses of partners' pages, and the cookies that stand for the token in them."""

from wihy.core.settings import settings


def page_url(tracking_id: str, token: str) -> str:
    """Return the link that opens all of the page of `tracking_id`: it holds the token, so it is never logged."""
    return f"{settings().public_url}/engagement/{tracking_id}?token={token}"


def live_cookie(tracking_id: str) -> str:
    """Return the name of the cookie that holds the token for the live channel: all pages share that one's address."""
    return f"wihy_partner_{tracking_id}"
