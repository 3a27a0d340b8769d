"""Why was this not credited: the one question this room answers."""

import re
from uuid import UUID

from wihy.links.queries import find_links
from wihy.tracking.queries import find_event
from wihy.why.address import looks_like_address, read_address
from wihy.why.events import explain_event
from wihy.why.ids import explain_id, is_known
from wihy.why.links import explain_link
from wihy.why.missing import explain_missing, nothing_found
from wihy.why.nearest import LINKS, PARTNERS, SOURCES, nearest_to
from wihy.why.sessions import explain_session
from wihy.why.steps import Explanation, Kind, Verdict, concluded, problem
from wihy.why.visits import explain_visit

LONGEST_ID = 255
CUT_EVENT_ID = re.compile(r"[0-9a-f-]{24,40}", re.IGNORECASE)


def explain(text: str) -> Explanation:
    """Return what became of what `text` names: an event id, a session id, a short link, an address, a tracking id."""
    event_id = _event_id(text)
    if event_id:
        return _explain_uuid(event_id, text)
    if looks_like_address(text):
        return _explain_address(text)
    if find_links([text]):
        return explain_link(text)
    found = explain_session(text) if len(text) <= LONGEST_ID else None
    if found:
        return found
    return explain_id(text) if is_known(text) else _not_recognised(text)


def _event_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _explain_uuid(event_id: UUID, typed: str) -> Explanation:
    event = find_event(event_id)
    if event:
        return explain_event(event)
    session = explain_session(typed) or explain_session(str(event_id))  # the script's are UUIDs, too
    return session or explain_missing(event_id, typed)


def _explain_address(text: str) -> Explanation:
    try:
        address = read_address(text)
    except ValueError as error:  # UnicodeError is one
        return nothing_found(
            Kind.UNKNOWN,
            "unreadable_address",
            f"This looks like an address, but no browser could open it: {error}.",
            "Copy it anew from the browser's address bar.",
        )
    event_id = _event_id(address.event_id or "")
    if event_id:
        event = find_event(event_id)
        if event:
            return explain_event(event, Kind.URL)
        if not address.ref:
            return explain_missing(event_id, str(event_id), Kind.URL)
    if address.slug and not address.ref:
        return explain_link(address.slug, None if address.is_ours else address.origin)
    return explain_visit(address)


def _not_recognised(text: str) -> Explanation:
    nearest = nearest_to(text, LINKS, PARTNERS, SOURCES)
    if CUT_EVENT_ID.fullmatch(text):
        advice = "It looks like an event id of which a part is missing: a whole one has 32 digits and letters a to f."
    elif nearest:
        advice = f"Probably the {nearest.kind} {nearest.id} was meant. Capital and small letters differ."
    else:
        advice = (
            "A session may have lost its id since, to protect the visitor, and refusals are remembered for 7 days: "
            "ask with the event id, or with the address as the visitor saw it."
        )
    finding = problem(
        "not_recognised",
        "No event, session, short link, partner or source has this name.",
        {"nearest": nearest.id if nearest else None},
        advice=advice,
        nearest=nearest,
    )
    return concluded(Kind.UNKNOWN, [finding], Verdict("not_recognised", ""))
