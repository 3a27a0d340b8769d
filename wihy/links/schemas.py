"""What comes in and goes out about saved links."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StrictBool

from wihy.core.clock import now
from wihy.core.schemas import (
    Changes,
    Incoming,
    Moment,
    MomentOut,
    Outgoing,
    Printable,
    Query,
    Text,
    TrackingId,
)
from wihy.core.settings import settings
from wihy.links.models import SavedLink
from wihy.links.slugs import check_own_slug
from wihy.links.urls import PREFIX, short_url, tracking_url
from wihy.tracking.urls import check_target

LONGEST_TARGET = 2048


def _target(target: str) -> str:
    check_target(target)
    own, parts = urlsplit(settings().public_url), urlsplit(target)
    if (parts.hostname, parts.path[: len(PREFIX)]) == (own.hostname, PREFIX):
        raise ValueError("a short link cannot lead to a short link")
    return target


def _ahead(moment: datetime) -> datetime:
    if moment <= now():
        raise ValueError("choose a moment that is still to come")
    return moment


Target = Annotated[
    str, Field(max_length=LONGEST_TARGET, examples=["https://wihy.ai/autumn"]), AfterValidator(_target)
]
Slug = Annotated[str, Field(examples=["trail-autumn"]), AfterValidator(check_own_slug)]
EndsAt = Annotated[Moment, AfterValidator(_ahead)]
Campaign = Annotated[Printable, Field(examples=["autumn_launch"])]
Source = Annotated[Printable, Field(examples=["newsletter"])]
LEFT_OUT: Any = None


class NewLink(Incoming):
    """A link to save."""

    target: Target | None = Field(
        None, description="Where it leads: http or https. Default: DEFAULT_DESTINATION."
    )
    referrer: TrackingId
    campaign: Campaign | None = None
    source: Source | None = Field(
        None, description="What first brings the visitor (`originalSource`). Default: `referrer`."
    )
    slug: Slug | None = Field(
        None, description="3–64 letters, digits, _ or -. Default: 7 letters and digits by chance."
    )
    expires_at: EndsAt | None = Field(None, description="From then on it answers 410. Default: never.")


class LinkChanges(Changes):
    """What to change about a link: what is left out stays, `null` clears. Its slug stays for ever."""

    target: Target = LEFT_OUT
    referrer: TrackingId = LEFT_OUT
    campaign: Campaign | None = LEFT_OUT
    source: Source | None = LEFT_OUT
    expires_at: EndsAt | None = LEFT_OUT
    archived: StrictBool = Field(LEFT_OUT, description="true: it answers 410, false: it leads again.")

    def given(self) -> dict[str, Any]:
        """Return what is to be changed."""
        return self.model_dump(exclude_unset=True)


class LinkList(Query):
    """Which saved links to list."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[Text, Field(max_length=255)] | None = Field(
        None, description="The `nextCursor` of the page before."
    )
    archived: Literal["true", "false"] | None = Field(None, description="Default: both kinds.")
    q: Annotated[Text, Field(max_length=255)] = Field("", description="Part of one of the link's texts.")


class LinkJson(Outgoing):
    """A saved link."""

    slug: str = Field(examples=["trail-autumn"])
    short_url: str = Field(description="What to share.", examples=["https://wihy.ai/l/trail-autumn"])
    tracking_url: str = Field(
        description="Where it leads, but for `wihy_id`.",
        examples=[
            "https://wihy.ai/autumn?ref=trailhead_weekly&utm_campaign=autumn_launch&utm_source=wihy&utm_medium=referral"
        ],
    )
    target: str = Field(examples=["https://wihy.ai/autumn"])
    referrer: str = Field(examples=["trailhead_weekly"])
    campaign: str | None
    source: str | None
    created_at: MomentOut
    expires_at: MomentOut | None
    archived: bool
    clicks: int = Field(description="Inbound events that came through it.", examples=[1412])

    @classmethod
    def of(cls, link: SavedLink, clicks: int) -> Self:
        """Return `link` as it is told."""
        columns = ("slug", "target", "referrer", "campaign", "source", "created_at", "expires_at")
        return cls(
            **{name: getattr(link, name) for name in columns},
            short_url=short_url(link.slug),
            tracking_url=tracking_url(link),
            archived=link.archived_at is not None,
            clicks=clicks,
        )


class LinkAnswer(LinkJson):
    """The saved link."""

    success: bool = True


class LinksAnswer(Outgoing):
    """Saved links, the newest first."""

    success: bool = True
    links: list[LinkJson]
    next_cursor: str | None = Field(description="null: there are no more.")
