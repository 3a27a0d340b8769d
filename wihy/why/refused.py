"""Captures that were refused, in words."""

from collections.abc import Sequence
from typing import NamedTuple

from wihy.tracking.models import CaptureRefusal
from wihy.why.steps import Facts, Finding, counted, problem


class Cause(NamedTuple):
    """Why captures are refused with one code, and what to do about it."""

    words: str
    advice: str


CAUSES = {
    "ORIGIN_NOT_ALLOWED": Cause(
        "the page that sent it belongs to a site that may not send captures",
        "Have the site named in ALLOWED_ORIGINS. What was refused cannot be brought back.",
    ),
    "INVALID_REQUEST": Cause(
        "what was sent cannot be used",
        "Correct the link, or the program that sends it, where the reason says.",
    ),
    "RATE_LIMITED": Cause(
        "too many captures came from one address within a minute",
        "If many visitors share an address, raise RATE_LIMIT_CAPTURE; behind a proxy, set TRUSTED_PROXIES.",
    ),
    "UNAUTHORIZED": Cause("the API key is not valid", "Give the program that sends it a valid key."),
    "Forbidden": Cause(
        "the API key has no scope `capture`", "Give the program that sends it a key with this scope."
    ),
    "PAYLOAD_TOO_LARGE": Cause("the body was too large", "Have the program send smaller batches."),
    "UNSUPPORTED_MEDIA_TYPE": Cause("the body was no JSON", "Have the program send application/json."),
}
OTHERWISE = Cause("it could not be accepted", "Look at the reason below.")


def cause_of(reason: str) -> Cause:
    """Return why captures are refused whose remembered reason is `reason`: a code, and what was wrong."""
    return CAUSES.get(reason.partition(";")[0], OTHERWISE)


def refused(refusal: CaptureRefusal) -> Finding:
    """Return the finding that a capture was refused and not stored by another sending."""
    cause = cause_of(refusal.reason)
    return problem(
        "refused",
        f"It was refused: {cause.words}.",
        refusal_facts(refusal),
        verdict=f"It was refused and not stored, so it counts nowhere: {cause.words}.",
        advice=cause.advice,
    )


def refusal_facts(refusal: CaptureRefusal) -> Facts:
    """Return what is remembered of `refusal`."""
    facts: Facts = {
        "refusedAt": refusal.at,
        "reason": refusal.reason,
        "eventId": refusal.event_id,
        "sessionId": refusal.session_id,
        "referrer": refusal.referrer,
        "campaign": refusal.campaign,
    }
    return {name: value for name, value in facts.items() if value is not None}


def times(refusals: Sequence[CaptureRefusal], most: int) -> str:
    """Return how many `refusals` there are, of which at most `most` were looked for: `3 times`, `20 times or more`."""
    return counted(len(refusals), "time") + (" or more" if len(refusals) >= most else "")
