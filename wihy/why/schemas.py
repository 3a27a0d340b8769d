"""What is asked, and how the answer goes out."""

from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field

from wihy.core.clock import to_text
from wihy.core.schemas import Outgoing, Query
from wihy.why.steps import Explanation, Fact, Kind, State, Step

LONGEST = 4096
AROUND = (
    " \t\r\n\"'<>\u201c\u201d\u2018\u2019\u200b\u2060\ufeff"  # what mails put around what is copied from them
)
EVENT_ID = "01a1f804-9a3c-7cfb-b69f-857d4e58d173"


def _trimmed(text: str) -> str:
    if "\0" in text:
        raise ValueError("a NUL character cannot be stored")
    trimmed = text.strip(AROUND)
    if not trimmed:
        raise ValueError("say what is missing: an id, a short link or an address")
    return trimmed


class Asked(Query):
    """What is asked about."""

    q: Annotated[str, Field(min_length=1, max_length=LONGEST), AfterValidator(_trimmed)] = Field(
        description="An event id (in any case), a session id, a short link (its slug, `/l/slug` or the whole "
        "address), an address as the visitor saw it (with `ref`, `utm_*` or `wihy_id`; the part from `?` on will "
        "do), or a tracking id.",
        examples=[EVENT_ID],
    )


class StepJson(Outgoing):
    """One thing that happened, or did not."""

    code: str = Field(examples=["received"])
    state: State = Field(description="`unknown`: nothing certain can be said about it.")
    message: str = Field(examples=["WIHY received it and stored it."])
    facts: dict[str, str | int | bool] = Field(
        description="What is known, by name; what is not is left out. Moments are UTC.",
        examples=[
            {"eventId": EVENT_ID, "happenedAt": "2026-11-20T10:30:00.000Z", "referrer": "partner_john"}
        ],
    )

    @classmethod
    def of(cls, step: Step) -> Self:
        """Return `step` as it is told."""
        facts = {name: _fact(fact) for name, fact in step.facts.items() if fact is not None}
        return cls(code=step.code, state=step.state, message=step.message, facts=facts)


class VerdictJson(Outgoing):
    """What all steps come to.

    `code`: for what is stored `counted`, `counted_for_first_source`, `counted_as_other`, `bot`, `not_in_figures`, and
    of a session with both kinds `partly_counted`; for what is not `refused`, `never_received`, `cannot_be_known`; for
    links, addresses and ids `counts`, `some_refused`, `link_unknown`, `link_archived`, `link_expired`, `no_ref`,
    `bad_ref`, `site_not_allowed`, `would_be_refused`, `unknown_id`; for all of these `misspelt_id`,
    `partner_revoked`, `partner_expired`; else `not_recognised`, `unreadable_address`.
    """

    code: str = Field(examples=["counted"])
    state: State = Field(description="Whether all is as it should be.")
    message: str = Field(
        examples=[
            "It counts as a click of Trailhead Weekly on 20 November 2026 (UTC), in the campaign autumn."
        ]
    )
    advice: str | None = Field(description="What to do next.", examples=["Look at the days shown there."])


class NearestJson(Outgoing):
    """What was probably meant."""

    kind: str = Field(description="`partner`, `source` or `link`.", examples=["partner"])
    id: str = Field(description="Its tracking id or slug.", examples=["partner_john"])


class WhyAnswer(Outgoing):
    """What became of what was asked about, step by step."""

    success: bool = True
    query: str = Field(examples=[EVENT_ID])
    kind: Kind = Field(description="What it was taken for; `id`: a tracking id.")
    verdict: VerdictJson
    steps: list[StepJson]
    nearest: NearestJson | None = Field(description="null: nothing seems to be misspelt.")

    @classmethod
    def of(cls, asked: str, explanation: Explanation) -> Self:
        """Return `explanation` of what was `asked` as it is told."""
        verdict, nearest = explanation.verdict, explanation.nearest
        return cls(
            query=asked,
            kind=explanation.kind,
            verdict=VerdictJson.model_validate(verdict),
            steps=[StepJson.of(step) for step in explanation.steps],
            nearest=NearestJson.model_validate(nearest) if nearest else None,
        )


def _fact(fact: Fact) -> Any:
    if isinstance(fact, datetime):
        return to_text(fact)
    return fact.isoformat() if isinstance(fact, date) else fact
