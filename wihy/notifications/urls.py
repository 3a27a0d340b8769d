"""Where customers find what they were told."""

from wihy.core.paging import Cursor

INBOX = "/me#notifications"


def inbox_url(after: Cursor | None) -> str:
    """Return the address of the inbox on the customer's page, from behind `after` on."""
    return f"/me?notifications={after.to_text()}#notifications" if after else INBOX
