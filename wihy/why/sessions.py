"""What became of the captures of one visit."""

from collections.abc import Sequence

from wihy.tracking.models import CaptureRefusal
from wihy.tracking.queries import MOST_OF_SESSION, SessionEvents, events_of_session, refusals_of
from wihy.why.cases import Case, cases_of
from wihy.why.events import counted_verdict, judge_bot, judge_counting
from wihy.why.ids import owner
from wihy.why.refused import refused
from wihy.why.steps import Explanation, Facts, Finding, Kind, State, Step, Verdict, counted, ok, unknown

SHOWN = 20
MOST_REFUSALS = 20


def explain_session(session_id: str) -> Explanation | None:
    """Return what became of the newest captures of a session, None where it named none."""
    found = events_of_session(session_id, SHOWN)
    refusals = refusals_of(session_id=session_id, limit=MOST_REFUSALS)
    if not found.newest and not refusals:
        return None
    findings = [_how_many(session_id, found)]
    if refusals:
        findings.append(
            refused(refusals, f"{counted(len(refusals), 'capture')} of this session, the last one,")
        )
    return _explained(findings, [(case, _short(case)) for case in cases_of(found.newest)], refusals)


def _explained(
    findings: list[Finding],
    judged: Sequence[tuple[Case, Finding]],
    refusals: Sequence[CaptureRefusal],
) -> Explanation:
    steps = [finding.step for finding in findings] + [finding.step for _, finding in judged]
    wrong = [finding for _, finding in judged if finding.verdict]
    nearest = next((finding.nearest for finding in wrong if finding.nearest), None)
    return Explanation(Kind.SESSION, _verdict(findings, judged, wrong, refusals), steps, nearest)


def _verdict(
    findings: Sequence[Finding],
    judged: Sequence[tuple[Case, Finding]],
    wrong: Sequence[Finding],
    refusals: Sequence[CaptureRefusal],
) -> Verdict:
    lost = next((finding.verdict for finding in [*findings, *wrong] if finding.verdict), None)
    if lost is None:
        return Verdict(
            "counted",
            f"All {counted(len(judged), 'event')} shown here count."
            if len(judged) > 1
            else "Its one event counts.",
            "If one is missed, ask with its event id: each step shows whom it counts for.",
        )
    if (len(judged) == 1 and not refusals) or not judged:
        return lost
    said = (
        [f"{len(wrong)} of {counted(len(judged), 'event')} shown here did not count as they should"]
        if wrong
        else []
    )
    said += [
        f"{counted(len(refusals), 'capture')} of it {'was' if len(refusals) == 1 else 'were'} refused"
    ] * bool(refusals)
    return Verdict("partly_counted", f"{'; '.join(said)}.", lost.advice, State.PROBLEM)


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
    return ok(
        "session_found",
        f"{counted(found.total, 'event')} of this session {_are(found.total)} stored{shown}.",
        facts,
    )


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _short(case: Case) -> Finding:
    """Return the verdict on one event, as a step of its session."""
    judged = [judge_bot(case), judge_counting(case), owner(case.counts_for, case.partner, is_seen=True)]
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
    base = decisive or judged[0]
    step = Step(verdict.code, base.step.state, verdict.message, facts)
    return Finding(step, decisive.verdict if decisive else None, decisive.nearest if decisive else None)
