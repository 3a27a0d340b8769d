"""What becomes of a visit through an address, by the rules of `static/wihy.js` and of the capture it sends."""

from collections.abc import Iterator

from wihy.core.origins import is_allowed_origin
from wihy.core.paths import is_tracking_id
from wihy.partners.queries import find_partners
from wihy.tracking.service import problems_of
from wihy.why.address import Address
from wihy.why.ids import clicks_in_words, id_findings, name_of, refused_lately
from wihy.why.steps import Explanation, Facts, Finding, Kind, Verdict, concluded, ok, problem, unknown

LIKE_REF = {"ref", "referrer", "referer", "referral", "reference", "partner", "trackingid", "tracking_id"}


def explain_visit(address: Address) -> Explanation:
    """Return what a visit through `address` counts for, if anything."""
    if not is_tracking_id(address.ref):
        return concluded(Kind.URL, [_read(address), _without_ref(address)], Verdict("no_ref", ""))
    name = name_of(address.ref, find_partners([address.ref]).get(address.ref))
    otherwise = Verdict(
        "counts",
        f"A visit through this address counts for {name}, who has {clicks_in_words(address.ref)} so far.",
        "Open it in a private window and watch the dashboard. What became of one visit shows its event id, or its "
        "session id: `wihy_session` in the visitor's browser.",
    )
    return concluded(Kind.URL, _findings(address), otherwise)


def _findings(address: Address) -> Iterator[Finding]:
    yield _read(address)
    yield ok(
        "ref_found", f"ref is {address.ref}: that is who a visit counts for.", {"trackingId": address.ref}
    )
    if address.event_id is not None:
        yield _click_before(address.event_id)
    yield _site(address)
    yield _capture(address)
    yield from id_findings(address.ref)
    yield from refused_lately(address.ref)
    yield unknown(
        "once_a_tab",
        "The script counts a visit once in a tab for each ref and campaign, so reloads count nothing. It sends "
        "nothing where it is blocked, is not on the page, or the browser asks for privacy (Global Privacy Control).",
    )


def _read(address: Address) -> Finding:
    facts: Facts = {
        "site": address.origin,
        "path": address.path,
        "ref": address.ref or None,
        "campaign": address.campaign or None,
        "utmSource": address.parameters.get("utm_source"),
        "wihyId": address.event_id,
    }
    return ok("address_read", "This is what the address says.", facts)


def _click_before(event_id: str) -> Finding:
    """Return what it means that no event is stored under the address's `wihy_id`."""
    return unknown(
        "wihy_id_not_stored",
        "wihy_id names the click on the short link that led here, but no such event is stored. Within an hour the "
        "script sends it under this id; later it counts the visit as a new one.",
        {"eventId": event_id[:255]},
    )


def _without_ref(address: Address) -> Finding:
    """Return why nobody is named by the address."""
    if address.ref:
        return problem(
            "bad_ref",
            "ref holds what no tracking id can: only letters, digits, _ and -, at most 255, are one.",
            {"ref": address.ref[:255]},
            verdict="A visit through this address counts for nobody: its ref is no tracking id.",
            advice="Correct ref in the link. Often a full stop, a space or a quotation mark was copied with it.",
        )
    found = _misplaced(address)
    has_utm = any(name.startswith("utm_") for name in address.parameters)
    why = found or (
        "utm parameters alone count for nobody." if has_utm else "the script counts nothing without it."
    )
    return problem(
        "no_ref",
        f"The address has no ref: {why}",
        verdict=f"A visit through this address counts for nobody, for it has no ref: {why}",
        advice="Make the link anew on the links page, or add ref=<tracking id> to its query.",
    )


def _misplaced(address: Address) -> str | None:
    """Return where ref went, if it can be seen."""
    if address.is_ours and address.path.startswith("/engagement/"):
        return "it is a partner's own page of numbers, and no link that counts."
    for name in address.parameters:
        if name.startswith("amp;"):
            return "its & were written as &amp; when the link was copied."
        if name.lower() in LIKE_REF and name != "ref":
            return f"it has {name[:40]} instead, and the name must be ref, in small letters."
    if "ref=" in address.fragment:
        return "it stands behind #, where it is not read; it must come before."
    return "it is empty." if "ref" in address.parameters else None


def _site(address: Address) -> Finding:
    """Return whether pages of the site may send captures."""
    if address.origin is None:
        return unknown(
            "site_not_named",
            "The address names no site, so whether its pages may send captures is not known.",
        )
    facts = {"site": address.origin}
    if address.is_ours and address.path == "/":
        return ok("counted_by_wihy", "WIHY itself counts this address, and leads on to the site.", facts)
    if is_allowed_origin(address.origin):
        return ok("site_allowed", f"Pages of {address.origin} may send captures.", facts)
    return problem(
        "site_not_allowed",
        f"Pages of {address.origin} may not send captures: ALLOWED_ORIGINS does not name it.",
        facts,
        verdict=f"A visit through this address does not count: pages of {address.origin} may not send captures.",
        advice=f"Have an operator add {address.origin} to ALLOWED_ORIGINS.",
    )


def _capture(address: Address) -> Finding:
    """Return whether what the script sends would be accepted."""
    sent = address.as_captured()
    problems = problems_of(sent)
    facts: Facts = {
        "referrer": address.ref,
        "campaign": address.campaign or "direct",
        "originalSource": address.source,
        "landingPage": sent["landingPage"],
    }
    if not problems:
        return ok("would_be_accepted", "What the script makes of it is a whole click.", facts)
    words = "; ".join(f"{detail['field']}: {detail['message']}" for detail in problems)
    return problem(
        "would_be_refused",
        f"What the script makes of it would be refused: {words}.",
        facts,
        verdict=f"A visit through this address does not count, for its capture is refused: {words}.",
        advice="Correct the link where the reason says.",
    )
