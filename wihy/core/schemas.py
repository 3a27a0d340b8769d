"""The bases of what comes in and goes out: camelCase outside, snake_case inside."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    model_validator,
)
from pydantic.alias_generators import to_camel

from wihy.core.clock import to_millisecond, to_text


class Incoming(BaseModel):
    """A body that an authenticated caller sends: unknown fields are refused, `null` means the field is absent."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, body: Any) -> Any:
        return {k: v for k, v in body.items() if v is not None} if isinstance(body, dict) else body


class Changes(Incoming):
    """A body that changes something: a field left out stays as it is, and `null` is kept, for it clears."""

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, body: Any) -> Any:
        return body


class OpenIncoming(Incoming):
    """A body that a stranger's page sends: unknown fields are ignored."""

    model_config = ConfigDict(extra="ignore")


class Query(BaseModel):
    """The parameters of an address: unknown ones are ignored, an empty one is absent."""

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", frozen=True, validate_by_name=False)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_absent(cls, query: Any) -> Any:
        return {k: v for k, v in query.items() if v not in ("", [])} if isinstance(query, dict) else query


class Outgoing(BaseModel):
    """What an answer holds."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        serialize_by_alias=True,
        validate_by_name=True,
        from_attributes=True,
    )


def _rfc3339(value: object) -> object:
    if not isinstance(value, str) or len(value) < len("2026-11-20T10:30:00Z") or value[10:11] not in "Tt ":
        raise ValueError("write a moment such as 2026-11-20T10:30:00Z")
    return value


def _whole_text(text: str) -> str:
    if "\0" in text:
        raise ValueError("a NUL character cannot be stored")
    return text


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("only printable characters are allowed")
    return text


def _utc(moment: datetime) -> datetime:
    try:
        return to_millisecond(moment)
    except OverflowError:
        raise ValueError("this moment is beyond the calendar") from None


Moment = Annotated[AwareDatetime, AfterValidator(_utc), BeforeValidator(_rfc3339)]
MomentOut = Annotated[datetime, PlainSerializer(to_text, return_type=str)]
Text = Annotated[str, AfterValidator(_whole_text)]
Printable = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_printable)]
TrackingId = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9_-]{1,255}$", max_length=255, examples=["partner_john"]),
]
