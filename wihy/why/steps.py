"""What an explanation is made of: steps, and the sentence they end in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

Fact = str | int | bool | datetime | date | None
Facts = Mapping[str, Fact]


class Kind(StrEnum):
    """What was asked about."""

    EVENT = "event"
    SESSION = "session"
    LINK = "link"
    URL = "url"
    ID = "id"
    UNKNOWN = "unknown"


class State(StrEnum):
    """Whether a step went well, did not, or cannot be told."""

    OK = "ok"
    PROBLEM = "problem"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened, or did not; facts by their names in JSON."""

    code: str
    state: State
    message: str
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What all steps come to, and what to do next; `state`: whether that is as it should be."""

    code: str
    message: str
    advice: str | None = None
    state: State = State.OK


@dataclass(frozen=True, slots=True)
class Nearest:
    """What was probably meant: a partner's id, a source's or a short link's slug."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer to one question."""

    kind: Kind
    verdict: Verdict
    steps: Sequence[Step]
    nearest: Nearest | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A step, with the verdict if nothing weighs more, and what was probably meant."""

    step: Step
    verdict: Verdict | None = None
    nearest: Nearest | None = None


def ok(code: str, message: str, facts: Facts | None = None, verdict: Verdict | None = None) -> Finding:
    """Return the finding of a step that went well."""
    return Finding(Step(code, State.OK, message, facts or {}), verdict)


def unknown(code: str, message: str, facts: Facts | None = None, verdict: Verdict | None = None) -> Finding:
    """Return the finding of a step about which nothing certain can be said."""
    return Finding(Step(code, State.UNKNOWN, message, facts or {}), verdict)


def problem(
    code: str,
    message: str,
    facts: Facts | None = None,
    *,
    verdict: str | None = None,
    advice: str | None = None,
    nearest: Nearest | None = None,
) -> Finding:
    """Return the finding of a step that did not go well: also the verdict, in the words of `verdict` or its own."""
    decided = Verdict(code, verdict or message, advice, State.PROBLEM)
    return Finding(Step(code, State.PROBLEM, message, facts or {}), decided, nearest)


def concluded(kind: Kind, findings: Iterable[Finding], otherwise: Verdict) -> Explanation:
    """Return the explanation of `findings`: the first that has a verdict decides, or none, and then `otherwise`."""
    found = list(findings)
    verdict = next((one.verdict for one in found if one.verdict), otherwise)
    nearest = next((one.nearest for one in found if one.nearest), None)
    return Explanation(kind, verdict, [one.step for one in found], nearest)


def counted(number: int, singular: str) -> str:
    """Return `1 click`, `1,204 clicks`."""
    return f"{number:,} {singular}{'' if number == 1 else 's'}"


def day_in_words(day: date) -> str:
    """Return `19 November 2026`."""
    return f"{day.day} {day:%B %Y}"
