"""What a capture looks like when it comes in, and what is answered."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AfterValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from wihy.core.client_address import shortest
from wihy.core.clock import now
from wihy.core.openapi import ProblemDetail
from wihy.core.schemas import (
    Moment,
    OpenIncoming,
    Outgoing,
    Printable,
    Text,
    TrackingId,
)
from wihy.tracking.models import EventType
from wihy.tracking.normalise import without_fragment
from wihy.tracking.urls import check_target

LONGEST_USER_AGENT = 1024
OLDEST = timedelta(days=7)
NEWEST = timedelta(minutes=5)


def _page(page: str) -> str:
    page = without_fragment(page)
    if not page.isprintable():
        raise ValueError("only printable characters are allowed")
    if not page.startswith("/"):
        _http_url(page)
    return page


def _http_url(url: str) -> str:
    try:
        check_target(url)
    except ValueError:
        raise ValueError("write an http or https address with a host") from None
    return url


def _cut(user_agent: str) -> str:
    return user_agent[:LONGEST_USER_AGENT]


def _recent(moment: datetime) -> datetime:
    if not now() - OLDEST <= moment <= now() + NEWEST:
        raise ValueError("at most 7 days back and 5 minutes ahead")
    return moment


def _address(text: str) -> str:
    address = shortest(text)
    if address is None:
        raise ValueError("write an IPv4 or IPv6 address")
    return address


Page = Annotated[str, Field(min_length=1, max_length=2048), AfterValidator(_page)]
Destination = Annotated[str, Field(max_length=2048), AfterValidator(_http_url)]


class NewEvent(OpenIncoming):
    """A click: inbound (somebody came through a link) or outbound (somebody went on to a destination)."""

    referrer: TrackingId
    event_type: EventType = EventType.INBOUND
    campaign: Annotated[Printable | None, Field(examples=["facebook_nov_2024"])] = Field(
        None,
        description="Default: `direct`, or `outbound_click` for outbound events.",
    )
    landing_page: Annotated[Page, Field(description="A path or an http(s) URL; the fragment is cut.")] = "/"
    original_source: Annotated[Printable | None, Field(examples=["facebook_ad_campaign"])] = Field(
        None, description="The id that first brought this visitor. Default: `referrer`."
    )
    destination_url: Destination | None = Field(
        None,
        description="http or https, with a host. Required when outbound.",
        examples=["https://kickstarter.com/projects/1"],
    )
    user_agent: Annotated[Text, AfterValidator(_cut)] | None = Field(
        None,
        description="Default: the User-Agent header. Longer than 1,024 characters is cut.",
    )
    session_id: Annotated[Text, Field(max_length=255, examples=["session_123"])] | None = None
    event_id: UUID | None = Field(
        None,
        description="A UUID of any version: repeats with the same one are stored once.",
    )
    timestamp: Annotated[Moment, AfterValidator(_recent)] | None = Field(
        None,
        description="When it happened, for events queued offline: at most 7 days back, 5 minutes ahead.",
    )
    client_ip: Annotated[str, AfterValidator(_address)] | None = Field(
        None,
        description="The visitor's address; read only from callers with an API key.",
    )

    @field_validator("referrer", mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        if value == "":
            raise ValueError("say who referred: letters, digits, _ and -")
        return value

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, body: Any) -> Any:
        """Read `null` as absent, and have the destination judged even so: whether it must be there depends."""
        if not isinstance(body, dict):
            return body
        return {"destinationUrl": None} | {name: value for name, value in body.items() if value is not None}

    @field_validator("destination_url")
    @classmethod
    def _leads_somewhere(cls, url: str | None, info: ValidationInfo) -> str | None:
        if url is None and info.data.get("event_type") is EventType.OUTBOUND:
            raise ValueError("required when eventType is outbound")
        return url


class NewBatch(OpenIncoming):
    """Events captured together: each is judged by itself."""

    events: Annotated[list[Any], Field(min_length=1)] = Field(
        description="1–50 events, with an API key 1–500; each as in POST /api/tracking/capture."
    )


class CaptureAnswer(Outgoing):
    """The event is durably stored."""

    success: bool = True
    event_id: UUID
    duplicate: bool | None = Field(None, description="true: it was stored before; the first stays.")
    bot: bool | None = Field(None, description="true: stored, but left out of every figure.")


class BatchError(Outgoing):
    """Why one event of a batch was refused."""

    code: str
    message: str
    details: list[ProblemDetail] | None = None


class BatchResult(Outgoing):
    """What became of one event of a batch: an id, or an error."""

    event_id: UUID | None = None
    duplicate: bool | None = None
    bot: bool | None = None
    error: BatchError | None = None


class BatchAnswer(Outgoing):
    """Results by index; duplicates count as accepted."""

    success: bool = True
    accepted: int
    rejected: int
    results: list[BatchResult]
