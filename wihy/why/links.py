"""What became of clicks on a short link."""

from collections.abc import Iterator

from wihy.analytics import service as analytics
from wihy.core.clock import now
from wihy.core.settings import settings
from wihy.links.models import SavedLink
from wihy.links.queries import find_links
from wihy.links.urls import short_url
from wihy.why.ids import id_findings, refused_lately
from wihy.why.nearest import LINKS, nearest_to
from wihy.why.steps import (
    Explanation,
    Facts,
    Finding,
    Kind,
    Verdict,
    concluded,
    counted,
    ok,
    problem,
    unknown,
)


def explain_link(slug: str, host: str | None = None) -> Explanation:
    """Return what clicks on the short link `slug` count for; `host`: the one it was asked about with."""
    link = find_links([slug]).get(slug)
    if link is None:
        return concluded(Kind.LINK, [_missing(slug)], Verdict("link_unknown", ""))
    otherwise = Verdict(
        "counts",
        f"Clicks on {short_url(slug)} count for {link.referrer}: {counted(_clicks(slug), 'click')} so far.",
        "Bots, and browsers that load the page ahead, are led on but not counted. About one missing click, ask with "
        "the wihy_id of the address it led to.",
    )
    return concluded(Kind.LINK, _findings(link, host), otherwise)


def link_state(link: SavedLink) -> Finding:
    """Return whether `link` leads anywhere now."""
    facts: Facts = {
        "link": link.slug,
        "target": link.target,
        "referrer": link.referrer,
        "campaign": link.campaign,
        "createdAt": link.created_at,
        "expiresAt": link.expires_at,
        "archivedAt": link.archived_at,
    }
    if link.archived_at:
        return _ended("link_archived", "was archived", "Restore it on the links page", facts)
    if link.expires_at and link.expires_at <= now():
        return _ended("link_expired", "has expired", "Give it a later end on the links page", facts)
    return ok("link_active", "The short link leads on, and WIHY counts on the way.", facts)


def _ended(code: str, how: str, act: str, facts: Facts) -> Finding:
    return problem(
        code,
        f"The short link {how}: since then visitors are told that it has ended, and nothing is counted.",
        facts,
        verdict=f"Clicks no longer count: the short link {how}.",
        advice=f"{act}, or give out another one. Clicks from before stay counted.",
    )


def _missing(slug: str) -> Finding:
    nearest = nearest_to(slug, LINKS)
    return problem(
        "link_unknown",
        "No saved link has this name"
        + (f". The nearest is {nearest.id}." if nearest else ", nor one like it."),
        {"link": slug, "nearest": nearest.id if nearest else None},
        verdict="There is no such short link: visitors are told that nothing is there, and nothing is counted.",
        advice=f"Correct it to {short_url(nearest.id)}. Capital and small letters differ."
        if nearest
        else "Compare it with the links page, archived ones too.",
        nearest=nearest,
    )


def _findings(link: SavedLink, host: str | None) -> Iterator[Finding]:
    if host is not None:
        yield unknown(
            "other_host",
            f"Short links of this installation begin with {settings().public_url}; whether {host} leads here "
            "cannot be told.",
            {"host": host},
        )
    yield link_state(link)
    clicks = _clicks(link.slug)
    code, say = ("link_clicked", ok) if clicks else ("nothing_counted", unknown)
    yield say(code, f"It has {counted(clicks, 'click')} so far.", {"link": link.slug, "clicks": clicks})
    yield from id_findings(link.referrer)
    yield from refused_lately(link.referrer)


def _clicks(slug: str) -> int:
    return analytics.clicks_of_links([slug]).get(slug, 0)
