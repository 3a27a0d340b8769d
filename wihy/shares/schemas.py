"""What comes in and goes out about shared dashboards."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from wihy.analytics.service import Selection
from wihy.core.capabilities import Status
from wihy.core.schemas import Incoming, MomentOut, Outgoing, Printable, Query, Text
from wihy.shares.models import ShareLink
from wihy.shares.queries import ListedShare
from wihy.shares.urls import page_path, share_url

DEFAULT_DAYS = 30
LONGEST_DAYS = 365
PAGE = 50

NAMES = {name: field.alias or name for name, field in Selection.model_fields.items()}


def _stripped(given: object) -> object:
    return given.strip() if isinstance(given, str) else given


class LockedFilters(Selection):
    """The filters that a share is locked to: one at least, all of them hold at once."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"minProperties": 1})

    @model_validator(mode="after")
    def _locks_something(self) -> Self:
        if not self.given():
            raise ValueError("choose at least one filter: a share shows a part of the dashboard")
        return self

    def given(self) -> dict[str, str]:
        """Return the filters by their names in an address."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class NewShare(Incoming):
    """A dashboard to share."""

    name: Annotated[Printable, BeforeValidator(_stripped)] = Field(
        description="What it is for; who opens it reads it, too.", examples=["Autumn launch, for the agency"]
    )
    filters: LockedFilters = Field(
        description="What it is locked to; an empty one is absent.", examples=[{"campaign": "autumn_launch"}]
    )
    expires_in_days: Annotated[int, Field(ge=1, le=LONGEST_DAYS, strict=True, examples=[DEFAULT_DAYS])] = (
        DEFAULT_DAYS
    )


class ShareQuery(Query):
    """Which shares to list."""

    limit: Annotated[int, Field(ge=1, le=200)] = PAGE
    cursor: Annotated[Text, Field(max_length=255)] | None = Field(
        default=None, description="`nextCursor` of the page before."
    )


class ShareJson(Outgoing):
    """A shared dashboard."""

    id: UUID
    name: str = Field(examples=["Autumn launch, for the agency"])
    filters: dict[str, str] = Field(examples=[{"campaign": "autumn_launch"}])
    status: Status
    created_at: MomentOut
    created_by: str | None = Field(
        description="E-mail of who made it; the share outlives the account.", examples=["nadia@example.org"]
    )
    expires_at: MomentOut
    revoked_at: MomentOut | None = Field(examples=[None])
    last_seen_at: MomentOut | None = Field(
        description="When somebody last opened it by its link, to the minute; `null`: nobody."
    )
    page_url: str = Field(
        description="Where it stands: for staff, and for who came by its link.",
        examples=["/share/01a1f804-9a3c-7cfb-b69f-857d4e58d173"],
    )

    @classmethod
    def of(cls, share: ShareLink, made_by: str | None) -> Self:
        """Return `share` as it is told."""
        columns = (
            "id",
            "name",
            "filters",
            "status",
            "created_at",
            "expires_at",
            "revoked_at",
            "last_seen_at",
        )
        told = {name: getattr(share, name) for name in columns}
        return cls(**told, created_by=made_by, page_url=page_path(share.id))


class ShareAnswer(Outgoing):
    """The share."""

    success: bool = True
    share: ShareJson


class IssuedShare(ShareAnswer):
    """A share that was just made; its link is shown this once."""

    token: str = Field(description="43 characters. Only a digest is kept.")
    url: str = Field(
        description="The link to send.",
        examples=["https://wihy.ai/share/f3Jx0d8Qm1xw2kJ5yXg9l0b7cVtq4ZsUeR6oA1pNhKE"],
    )

    @classmethod
    def of(cls, share: ShareLink, made_by: str | None, token: str) -> Self:
        """Return the answer that shows `token`."""
        return cls(share=ShareJson.of(share, made_by), token=token, url=share_url(token))


class SharesAnswer(Outgoing):
    """Shares, the newest first."""

    success: bool = True
    shares: list[ShareJson]
    next_cursor: str | None = Field(description="null: there are no more.")

    @classmethod
    def of(cls, page: list[ListedShare], next_cursor: str | None) -> Self:
        """Return `page` as it is told."""
        return cls(shares=[ShareJson.of(*listed) for listed in page], next_cursor=next_cursor)
