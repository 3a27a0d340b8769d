"""What became of a capture that was stored."""

from collections.abc import Iterator

from wihy.core.ids import made_at
from wihy.tracking.models import Event
from wihy.tracking.queries import OTHER, is_bot, refusals_of
from wihy.why.cases import Case, cases_of
from wihy.why.ids import name_of, owner
from wihy.why.links import link_state
from wihy.why.refused import cause_of, refusal_facts, times
from wihy.why.steps import Explanation, Facts, Finding, Kind, Verdict, concluded, day_in_words, ok, problem

MOST_REFUSALS = 20
REBUILD = "Have an operator run `flask --app wsgi figures rebuild`: it counts anew, and loses nothing."


def explain_event(event: Event, kind: Kind = Kind.EVENT) -> Explanation:
    """Return what became of a stored event."""
    [case] = cases_of([event])
    return concluded(kind, event_findings(case), counted_verdict(case))


def event_findings(case: Case) -> Iterator[Finding]:
    """Yield what happened to the event of `case`, step by step; a bot's ends where it is known for one."""
    yield ok("received", "WIHY received it and stored it.", event_facts(case.event))
    yield from _sendings(case.event)
    bot = judge_bot(case)
    yield bot
    if bot.verdict:
        return
    counting = judge_counting(case)
    yield counting
    yield _visitor(case.event)
    whose = owner(case.counts_for, case.partner, is_seen=True)
    yield whose
    if case.link:
        yield Finding(link_state(case.link).step)  # it was counted: that the link ended later decides nothing


def event_facts(event: Event) -> Facts:
    """Return what is stored of `event`."""
    return {
        "eventId": str(event.id),
        "happenedAt": event.timestamp,
        "idMadeAt": made_at(event.id),
        "eventType": event.event_type,
        "referrer": event.referrer,
        "originalSource": event.original_source,
        "campaign": event.campaign,
        "landingPage": event.landing_page,
        "destinationUrl": event.destination_url,
        "link": event.link_slug,
        "sessionId": event.session_id,
    }


def counted_verdict(case: Case) -> Verdict:
    """Return the verdict on an event with which nothing is wrong."""
    event, name = case.event, name_of(case.counts_for, case.partner)
    what = "a conversion" if case.is_outbound else "a click"
    counted = f"It counts as {what} of {name} on {day_in_words(case.day)} (UTC)"
    if case.is_outbound and case.counts_for != event.referrer:
        return Verdict(
            "counted_for_first_source",
            f"{counted}, who first brought the visitor, and not of {event.referrer}, through whom they came last.",
            "Conversions count for whoever first brought the visitor: that is the rule, nothing is lost.",
        )
    return Verdict(
        "counted",
        f"{counted}, in the campaign {event.campaign}.",
        "If it is missed on a page, look at the days and the time zone shown there, and at its filters.",
    )


def judge_bot(case: Case) -> Finding:
    """Return whether a program made the event of `case`."""
    event = case.event
    facts = {"userAgent": event.user_agent}
    if not event.is_bot:
        told = "its user agent names no known bot" if event.user_agent else "it has no user agent (any more)"
        return ok("person", f"It was taken for a person's: {told}.", facts)
    by_name = event.user_agent is not None and is_bot(event.user_agent)
    why = (
        "its user agent names a known crawler or link preview"
        if by_name
        else "a browser loaded the page ahead, before anyone had clicked, or its user agent was known for a bot's then"
    )
    return problem(
        "bot",
        f"It was taken for a bot's: {why}.",
        facts,
        verdict=f"It is stored, but counts in no figure, for it was taken for a bot's: {why}.",
        advice="`GET /api/tracking/events?bots=1` lists it. If a program of yours sends captures, have it pass on the "
        "visitor's userAgent.",
    )


def judge_counting(case: Case) -> Finding:
    """Return where the event of `case` counts."""
    combination = case.combination
    if combination is None or not case.is_in_figures:
        by_others = "It was written past WIHY, straight into the table, and" if combination is None else "It"
        return problem(
            "not_in_figures",
            f"{by_others} is missing in the figures.",
            verdict="It is stored, but missing in the figures.",
            advice=REBUILD,
        )
    in_figures = combination.original_source if case.is_outbound else combination.referrer
    facts: Facts = {
        "countsFor": in_figures,
        "partnerName": case.partner.partner_name if case.partner else None,
        "day": case.day,
        "countedAs": "conversion" if case.is_outbound else "click",
        "campaign": combination.campaign,
        "landingPage": combination.landing_page,
        "destination": combination.destination,
        "sameThatDay": case.figure.events if case.figure else None,
    }
    if OTHER in (in_figures, combination.campaign) and OTHER not in (case.counts_for, case.event.campaign):
        return _other(in_figures == OTHER, facts)
    what = "a conversion" if case.is_outbound else "a click"
    return ok("counted", f"It counts as {what} of {in_figures} on {day_in_words(case.day)} (UTC).", facts)


def _other(is_nameless: bool, facts: Facts) -> Finding:
    under = "whoever it is for, campaign and page" if is_nameless else "campaign and page"
    return problem(
        "counted_as_other",
        f"It is counted, but {under} stand in the figures as {OTHER}: too many new combinations came that day.",
        facts,
        verdict=f"It is counted, but under {OTHER}: more new combinations of ids, campaigns and pages came that day "
        "than are kept apart.",
        advice="The event itself keeps its texts. Find out who sends invented texts, or raise "
        "MAX_COMBINATIONS_PER_DAY; ids of partners and saved links always keep their name.",
    )


def _sendings(event: Event) -> Iterator[Finding]:
    """Yield how often it was sent, as far as that is known."""
    yield ok(
        "stored_once",
        "It is stored once. Sendings with the same id after the first change nothing and leave no trace, so how many "
        "there were cannot be known.",
    )
    refusals = refusals_of(event_ids=[str(event.id), str(event.id).upper()], limit=MOST_REFUSALS)
    if refusals:
        words = cause_of(refusals[0].reason).words
        yield ok(
            "sometimes_refused",
            f"It was refused {times(refusals, MOST_REFUSALS)} ({words}), and stored from another sending.",
            refusal_facts(refusals[0]),
        )


def _visitor(event: Event) -> Finding:
    if event.new_visitor:
        return ok(
            "new_visitor", "It brought a new visitor: visitors are counted once a day, where they came first."
        )
    if event.ip_address is None:
        return ok(
            "no_visitor", "It has no address (none was sent, or it was removed), and brought no new visitor."
        )
    return ok(
        "known_visitor",
        "It counts as an event, but brought no new visitor: the same visitor (address and browser) had come earlier "
        "that UTC day, perhaps through another link.",
    )
