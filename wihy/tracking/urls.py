"""Tracking links: how an address says who referred, and why."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from uuid import UUID

from wihy.tracking.normalise import split_http_url

OWN_SOURCE = "wihy"
MEDIUM = "referral"
EVENT_ID = "wihy_id"


def tracking_url(target: str, referrer: str, campaign: str | None = None, source: str | None = None) -> str:
    """Return `target` with `ref` and `utm_*` of the link added; its own query and fragment are kept.

    A parameter that `target` carries already is replaced, so that a link made twice counts for the later; the id of
    an event, from an address that was copied too early, is left out.
    """
    added = {
        "ref": referrer,
        **({"utm_campaign": campaign} if campaign else {}),
        "utm_source": source or OWN_SOURCE,
        "utm_medium": MEDIUM,
    }
    parts = urlsplit(target)
    replaced = {*added, EVENT_ID}
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name not in replaced
    ]
    query = urlencode([*kept, *added.items()])
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", query, parts.fragment))


def with_event(url: str, event_id: UUID) -> str:
    """Return the tracking link `url` with the id of the event that was captured on the way there."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query=f"{parts.query}&{EVENT_ID}={event_id}"))


def partner_url(site_url: str, referrer: str, campaign: str | None = None) -> str:
    """Return a partner's own link: the marketed site's front page with `ref` and `campaign`."""
    query = urlencode({"ref": referrer, **({"campaign": campaign} if campaign else {})})
    return f"{site_url}/?{query}"


def check_target(target: str) -> None:
    """Raise `ValueError` unless `target` is an http or https address with a host."""
    if not target.isprintable() or " " in target:
        raise ValueError("only printable characters without spaces are allowed")
    split_http_url(target)
