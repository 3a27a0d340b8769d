"""What became of the captures of one visit."""

from collections.abc import Sequence

from wihy.tracking.models import CaptureRefusal
from wihy.tracking.queries import MOST_OF_SESSION, SessionEvents, events_of_session, refusals_of
from wihy.why.cases import Case, cases_of
from wihy.why.events import counted_verdict, judge_bot, judge_counting
from wihy.why.ids import owner
from wihy.why.refused import cause_of, refusal_facts
from wihy.why.steps import (
    Explanation,
    Facts,
    Finding,
    Kind,
    State,
    Step,
    Verdict,
    counted,
    ok,
    problem,
    unknown,
)

SHOWN = 20
MOST_REFUSALS = 20


def explain_session(session_id: str) -> Explanation | None:
    """Return what became of the newest captures of a session, None where none is known."""
    found = events_of_session(session_id, SHOWN)
    refusals = refusals_of(session_id=session_id, limit=MOST_REFUSALS)
    if not found.newest and not refusals:
        return None
    refused = [_refused(refusals)] if refusals else []
    judged = _judged(cases_of(found.newest))
    findings = [_how_many(session_id, found), *refused, *judged]
    nearest = next((finding.nearest for finding in judged if finding.nearest), None)
    return Explanation(
        Kind.SESSION, _verdict(judged, refused), [finding.step for finding in findings], nearest
    )


def _verdict(judged: Sequence[Finding], refused: Sequence[Finding]) -> Verdict:
    wrong = [finding for finding in judged if finding.verdict]
    lost = next((finding.verdict for finding in [*refused, *wrong] if finding.verdict), None)
    if lost is None:
        every = f"All {len(judged)} events shown here count." if len(judged) > 1 else "Its one event counts."
        return Verdict(
            "counted", every, "If one is missed, ask with its event id: each step shows whom it counts for."
        )
    if len(judged) + len(refused) == 1:
        return lost
    if not wrong:
        said = f"{lost.message} What is stored of it counts."
    else:
        said = f"{len(wrong)} of {counted(len(judged), 'event')} shown here did not count as they should."
        said += " Others were refused." if refused else ""
    return Verdict("partly_counted", said, lost.advice, State.PROBLEM)


def _refused(refusals: Sequence[CaptureRefusal]) -> Finding:
    """Return the finding that `refusals` (newest first, at least one) were not stored."""
    newest, number = refusals[0], len(refusals)
    many = f"{number} captures or more" if number >= MOST_REFUSALS else counted(number, "capture")
    were, because = ("was", "because") if number == 1 else ("were", "the newest because")
    cause = cause_of(newest.reason)
    return problem(
        "refused",
        f"{many} of this session {were} refused, {because} {cause.words}.",
        refusal_facts(newest),
        advice=cause.advice,
    )


def _how_many(session_id: str, found: SessionEvents) -> Finding:
    facts: Facts = {"sessionId": session_id, "events": found.total}
    if not found.total:
        return unknown("no_events", "No event of this session is stored (any more).", facts)
    if found.total >= MOST_OF_SESSION:
        return unknown(
            "no_single_visit",
            f"{MOST_OF_SESSION:,} events or more name this session, so it is no visit of one person: some program "
            f"sends the same for all. {SHOWN} of them are shown.",
            facts,
        )
    shown = f", the newest {SHOWN} are shown" if found.total > SHOWN else ""
    are = "is" if found.total == 1 else "are"
    return ok("session_found", f"{counted(found.total, 'event')} of this session {are} stored{shown}.", facts)


def _judged(cases: Sequence[Case]) -> list[Finding]:
    """Return the verdict on each of `cases` as a step; each id is looked up once."""
    partners = {case.counts_for: case.partner for case in cases}
    owners = {id_: owner(id_, partner, is_seen=True) for id_, partner in partners.items()}
    return [_short(case, owners[case.counts_for]) for case in cases]


def _short(case: Case, whose: Finding) -> Finding:
    judged = (judge_bot(case), judge_counting(case), whose)
    decisive = next((finding for finding in judged if finding.verdict), None)
    verdict = decisive.verdict if decisive and decisive.verdict else counted_verdict(case)
    event = case.event
    facts: Facts = {
        "eventId": str(event.id),
        "happenedAt": event.timestamp,
        "eventType": event.event_type,
        "referrer": event.referrer,
        "campaign": event.campaign,
    }
    step = Step(verdict.code, verdict.state, verdict.message, facts)
    return Finding(step, decisive.verdict, decisive.nearest) if decisive else Finding(step)
