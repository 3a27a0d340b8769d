"""What became of a capture that is not stored, as far as that can be known."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from wihy.analytics.queries import first_event_at
from wihy.core.clock import now
from wihy.core.ids import made_at
from wihy.tracking.queries import KEPT, has_forgotten_refusals, nameless_refusals, refusals_of
from wihy.why.refused import cause_of, refused
from wihy.why.steps import (
    Explanation,
    Finding,
    Kind,
    State,
    Step,
    Verdict,
    concluded,
    counted,
    ok,
    problem,
    unknown,
)

MOST_REFUSALS = 20
CLOCKS_DIFFER = timedelta(minutes=5)
FIRST_SENDINGS = timedelta(hours=1)
NEVER_RECEIVED = "never_received"
CANNOT_BE_KNOWN = "cannot_be_known"


def explain_missing(event_id: UUID, typed: str, kind: Kind = Kind.EVENT) -> Explanation:
    """Return what can be known of an event that is not stored; `typed`: the id as it was asked about."""
    facts = {"eventId": str(event_id)}
    findings = [Finding(Step("not_stored", State.PROBLEM, "No event is stored under this id.", facts))]
    spellings = {typed, str(event_id), str(event_id).upper(), event_id.hex}
    refusals = refusals_of(event_ids=spellings, limit=MOST_REFUSALS)
    if refusals:
        return concluded(kind, [*findings, refused(refusals[0])], Verdict("refused", ""))
    made = made_at(event_id)
    findings += [_age(made), *_traces(made)]
    return concluded(kind, findings, _never_received(made))


def nothing_found(kind: Kind, code: str, message: str, advice: str) -> Explanation:
    """Return the explanation that nothing is known."""
    return concluded(kind, [problem(code, message, advice=advice)], Verdict(code, message, advice))


def _age(made: datetime | None) -> Finding:
    if made is None:
        return unknown(
            "id_without_time", "It is no UUIDv7, so it does not tell when it was made.", {"idMadeAt": None}
        )
    if made > now() + CLOCKS_DIFFER:
        return unknown(
            "id_from_the_future",
            "It was made at a moment still to come: by a clock that is wrong, or by chance.",
            {"idMadeAt": made},
        )
    return ok("id_made_at", f"It was made {_ago(made)}, by the clock of who made it.", {"idMadeAt": made})


def _ago(made: datetime) -> str:
    passed = now() - made
    if passed.days:
        return f"{counted(passed.days, 'day')} ago"
    return (
        "within the last hour"
        if passed < FIRST_SENDINGS
        else f"{counted(passed.seconds // 3600, 'hour')} ago"
    )


def _traces(made: datetime | None) -> Iterator[Finding]:
    """Yield why a trace of it may lack."""
    oldest = first_event_at()
    if made and oldest and made < oldest:
        yield unknown(
            "before_all_events",
            "It is older than the oldest event here: it may have been stored and deleted since.",
            {"oldestEventAt": oldest},
            verdict=Verdict(
                CANNOT_BE_KNOWN,
                "What became of it cannot be known any more: it is older than the oldest event here.",
                "Figures outlive events: look at the partner's figures of that day.",
                State.UNKNOWN,
            ),
        )
    since = max(made or now() - KEPT, now() - KEPT)
    if made and made < now() - KEPT:
        yield unknown(
            "refusals_deleted", "Refusals are remembered for 7 days: whether it was refused cannot be known."
        )
    elif any(has_forgotten_refusals(day.date()) for day in _days(since)):
        yield unknown(
            "refusals_too_many", "So much was refused then that not all is remembered: it may be among it."
        )
    else:
        yield ok("not_refused", "No refusal of it is remembered, and refusals are kept for 7 days.")
    yield from _unread(since, made)


def _days(since: datetime) -> list[datetime]:
    days = (now().date() - since.astimezone(UTC).date()).days
    return [since + timedelta(days=number) for number in range(max(days, 0) + 1)]


def _unread(since: datetime, made: datetime | None) -> Iterator[Finding]:
    """Yield what was refused about then without being read: nobody knows whose it was."""
    until = made + FIRST_SENDINGS if made and made > now() - KEPT else now()
    reasons = nameless_refusals(since - CLOCKS_DIFFER, until)
    if reasons:
        reason, _ = reasons.most_common(1)[0]
        yield unknown(
            "refused_unread",
            f"About that time {counted(reasons.total(), 'capture')} named nothing that they could be known by, and "
            f"were refused, mostly because {cause_of(reason).words}: it may be one of them.",
            {"count": reasons.total(), "reason": reason},
        )


def _never_received(made: datetime | None) -> Verdict:
    if made is None:
        return Verdict(
            NEVER_RECEIVED,
            "WIHY has no event with this id, and remembers no refusal of it.",
            "Compare the id with where it was copied from. If it is right, it was never sent, or longer than 7 days "
            "ago and refused.",
            State.PROBLEM,
        )
    if made < now() - KEPT:
        return Verdict(
            NEVER_RECEIVED,
            "WIHY has no event with this id: it was never received, or refused longer than 7 days ago.",
            "Browsers give up after a week, so nothing more will come.",
            State.PROBLEM,
        )
    return Verdict(
        NEVER_RECEIVED,
        "It has not reached WIHY: no event and no refusal of it is known.",
        "It may still come: a browser that is offline keeps it for a week. Else a content blocker, Global Privacy "
        "Control or a page without the script kept it from being sent.",
        State.PROBLEM,
    )
