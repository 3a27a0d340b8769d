"""Whose a tracking id is: a partner's, a source's, or nobody's and probably misspelt."""

from collections.abc import Iterator

from wihy.analytics import service as analytics
from wihy.analytics.service import Selection
from wihy.core.capabilities import Status
from wihy.core.paths import is_tracking_id
from wihy.links.queries import ids_of_links
from wihy.partners.models import PartnerAccess
from wihy.partners.queries import find_partners
from wihy.tracking.queries import refusals_of
from wihy.why.nearest import PARTNERS, SOURCES, nearest_to
from wihy.why.refused import cause_of, refusal_facts, times
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

MOST_REFUSALS = 100


def explain_id(tracking_id: str) -> Explanation:
    """Return what clicks of `tracking_id` count for."""
    otherwise = Verdict(
        "counts",
        f"Clicks with this id count: {clicks_in_words(tracking_id)}.",
        "About one missing click, ask with its address, its event id or its session id.",
    )
    return concluded(Kind.ID, [*id_findings(tracking_id), *refused_lately(tracking_id)], otherwise)


def is_known(tracking_id: str) -> bool:
    """Whether anything has this id: a partner, a saved link, or events that were counted."""
    return is_tracking_id(tracking_id) and (
        tracking_id in find_partners([tracking_id])
        or analytics.is_known(tracking_id)
        or tracking_id in ids_of_links([tracking_id])
    )


def id_findings(tracking_id: str) -> Iterator[Finding]:
    """Yield whose `tracking_id` is, and what was counted for it."""
    yield owner(tracking_id, find_partners([tracking_id]).get(tracking_id), is_seen=is_known(tracking_id))
    yield figures(tracking_id)


def name_of(tracking_id: str, partner: PartnerAccess | None) -> str:
    """Return the name of a partner, or what else the id is to be called by."""
    return (partner.partner_name if partner else None) or tracking_id


def owner(tracking_id: str, partner: PartnerAccess | None, *, is_seen: bool) -> Finding:
    """Return whose `tracking_id` is; `is_seen`: events were counted for it, or a saved link names it."""
    if partner is None:
        return _nobody(tracking_id, is_seen=is_seen)
    facts: Facts = {
        "partner": tracking_id,
        "partnerName": partner.partner_name,
        "status": partner.status.value,
        "expiresAt": partner.expires_at,
        "revokedAt": partner.revoked_at,
        "lastSeenAt": partner.last_seen_at,
    }
    name = name_of(tracking_id, partner)
    if partner.status is Status.ACTIVE:
        return ok("partner_active", f"{name} is a partner, and their page is open.", facts)
    is_revoked = partner.status is Status.REVOKED
    how, act = ("was revoked", "Restore") if is_revoked else ("has expired", "Renew")
    return problem(
        f"partner_{partner.status.value}",
        f"{name} is a partner whose access {how}: clicks still count, but their page is closed to them.",
        facts,
        verdict=f"It counts for {name}, but they cannot see it: their access {how}.",
        advice=f"{act} their access on the partners page, if they should see their numbers again.",
    )


def _nobody(tracking_id: str, *, is_seen: bool) -> Finding:
    nearest = nearest_to(tracking_id, PARTNERS, *(() if is_seen else (SOURCES,)))
    facts = {"trackingId": tracking_id, "nearest": nearest.id if nearest else None}
    if nearest:
        return problem(
            "misspelt_id",
            f"No partner has the id {tracking_id}. The nearest {nearest.kind} is {nearest.id}.",
            facts,
            verdict=f"It counts for {tracking_id}, which is nobody's id; probably {nearest.id} was meant.",
            advice=f"Correct the link to ref={nearest.id}: from then on its clicks count for {nearest.id}. "
            "Capital and small letters differ.",
            nearest=nearest,
        )
    if is_seen:
        return ok("no_partner", f"{tracking_id} is no partner's id: it counts as a source of its own.", facts)
    return problem(
        "unknown_id",
        f"Nobody has the id {tracking_id}, nothing was counted for it yet, and no id is like it.",
        facts,
        verdict=f"Nothing was counted for {tracking_id} yet, and it is no partner's id.",
        advice="Compare it with the link that the partner was given; if it is meant to be new, add the partner.",
    )


def figures(tracking_id: str) -> Finding:
    """Return what was counted for `tracking_id` so far, and when it was last."""
    totals = analytics.totals(Selection(partner=tracking_id), None)
    last = analytics.list_activity(Selection(partner=tracking_id), None, limit=1).activity
    facts: Facts = {
        "partner": tracking_id,
        "clicks": totals.clicks,
        "conversions": totals.conversions,
        "visitors": totals.visitors,
        "botsLeftOut": totals.bots,
        "lastEventAt": last[0].timestamp if last else None,
    }
    if not totals.events:
        bots = f"; {counted(totals.bots, 'event')} of known bots were left out" if totals.bots else ""
        return unknown("nothing_counted", f"Nothing was counted for {tracking_id} so far{bots}.", facts)
    return ok("counted_so_far", f"So far it has {clicks_in_words(tracking_id)}.", facts)


def clicks_in_words(tracking_id: str) -> str:
    """Return `12 clicks and 1 conversion`."""
    totals = analytics.totals(Selection(partner=tracking_id), None)
    return f"{counted(totals.clicks, 'click')} and {counted(totals.conversions, 'conversion')}"


def refused_lately(tracking_id: str) -> Iterator[Finding]:
    """Yield what was refused of captures that named `tracking_id`, as far as it is remembered."""
    refusals = refusals_of(referrer=tracking_id, limit=MOST_REFUSALS)
    if not refusals:
        yield ok("none_refused", "In the last 7 days no capture with this id is known to have been refused.")
        return
    newest = refusals[0]
    yield problem(
        "some_refused",
        f"In the last 7 days captures with this id were refused {times(refusals, MOST_REFUSALS)}; "
        f"the last one because {cause_of(newest.reason).words}.",
        refusal_facts(newest),
        verdict=f"Some captures with this id were refused: {cause_of(newest.reason).words}.",
        advice=cause_of(newest.reason).advice,
    )
