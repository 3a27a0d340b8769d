"""Where customers find what they did."""

ACTIVITY = "/me#activity"


def activity_url(after: int | None) -> str:
    """Return the address of the recent activity on the customer's page, from behind the interaction `after` on."""
    return f"/me?activity={after}#activity" if after else ACTIVITY
