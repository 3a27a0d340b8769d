"""What comes in and goes out about the audit log."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from wihy.audit.filters import Filters
from wihy.core.schemas import MomentOut, Outgoing, Text

LONGEST_PAGE = 200


class AuditList(Filters):
    """Which entries to list, and how."""

    limit: Annotated[int, Field(ge=1, le=LONGEST_PAGE)] = 50
    cursor: Annotated[Text, Field(max_length=255)] | None = Field(
        None, description="The `nextCursor` of the page before."
    )
    format: Literal["json", "csv"] = Field(
        "json", description="`csv` streams all entries from `cursor` (default: the newest) on."
    )


class EntryJson(Outgoing):
    """Who did what, on what, when."""

    id: UUID
    at: MomentOut
    actor: str = Field(examples=["staff:01a1f804-9a3c-7cfb-b69f-857d4e58d173"])
    action: str = Field(examples=["LINK_CREATED"])
    thing: str = Field(examples=["link:spring"])
    request_id: str | None = Field(description="The answer's `X-Request-Id`; null outside of requests.")
    details: dict[str, Any] = Field(examples=[{"campaign": "autumn_launch"}])
    personal: dict[str, Any] = Field(
        description="What is about a person; empty once it was erased.", examples=[{}]
    )
    is_erased: bool = Field(description="Whether there was something about a person.", examples=[False])
    place: int | None = Field(
        description="The place in the sealed log; null: it is sealed within a minute or two.", examples=[1204]
    )


class AuditAnswer(Outgoing):
    """Entries, the newest first."""

    success: bool = True
    entries: list[EntryJson]
    next_cursor: str | None = Field(description="null: there are no more.")
