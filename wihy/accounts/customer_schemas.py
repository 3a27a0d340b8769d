"""What comes in and goes out about customers' accounts."""

from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StrictBool

from wihy.accounts.schemas import LEFT_OUT, Done, Email, Name, NewPassword, UserJson, left_out
from wihy.core.schemas import Changes, Incoming, MomentOut, Outgoing, Query, Text
from wihy.core.texts import DEFAULT
from wihy.core.viewer import zone_names
from wihy.customers.models import LARGEST_ID

WHEN_CLEARED: dict[str, Any] = {"language": DEFAULT, "timezone": "UTC", "denied_permissions": []}
PAGE = 50


class Language(StrEnum):
    """The languages of mails and notifications."""

    EN = "en"
    FR = "fr"
    ES = "es"
    SW = "sw"


class CustomerPermission(StrEnum):
    """What customers may, and what can be withdrawn from one."""

    TRACK = "track_interaction"
    ANALYZE = "analyze_engagement"
    CREATE_TICKET = "create_support_ticket"
    FOLLOW_TICKET = "track_support_ticket"
    VIEW_TICKET = "view_support_ticket"
    ESCALATE_TICKET = "escalate_support_ticket"
    CLOSE_TICKET = "close_support_ticket"


def _zone(name: str) -> str:
    if name not in zone_names():
        raise ValueError("use the name of an IANA time zone, such as Africa/Nairobi")
    return name


def _without_repeats(permissions: list[CustomerPermission]) -> list[CustomerPermission]:
    return sorted(set(permissions))


Zone = Annotated[Text, Field(max_length=64, examples=["Africa/Nairobi"]), AfterValidator(_zone)]
Denied = Annotated[list[CustomerPermission], Field(max_length=100), AfterValidator(_without_repeats)]


class CustomerChanges(Changes):
    """What to store about a customer: what is left out stays, `null` clears."""

    email: Email | None = LEFT_OUT
    display_name: Name | None = left_out(examples=["Alice Wanjiru"])
    language: Language | None = left_out(description="Of mails and notifications. Default: en.")
    timezone: Zone | None = left_out(description="An IANA name. Default: UTC.")
    password: NewPassword | None = left_out(
        description="With an e-mail, it lets them sign in themselves. A new one, and none, ends all sessions.",
    )
    denied_permissions: Denied | None = left_out(
        description="What is withdrawn of what customers may. Default: nothing."
    )
    active: StrictBool = left_out(description="false: nobody can act as this customer, and all sessions end.")

    def given(self) -> dict[str, Any]:
        """Return the columns to set: those named in the body, but for the password."""
        named = self.model_dump(exclude_unset=True, exclude={"password"})
        return {name: WHEN_CLEARED.get(name) if value is None else value for name, value in named.items()}


class CustomerList(Query):
    """Which customers to list."""

    limit: Annotated[int, Field(ge=1, le=200)] = PAGE
    cursor: Annotated[int, Field(ge=1, le=LARGEST_ID)] | None = Field(
        None, description="The `nextCursor` of the page before."
    )
    active: Literal["true", "false"] | None = Field(None, description="Default: both kinds.")
    q: Annotated[Text, Field(max_length=255)] = Field("", description="Part of a name or e-mail, or an id.")


class TokenWish(Incoming):
    """How long the token is to live."""

    expires_in_seconds: Annotated[int, Field(ge=1, strict=True)] | None = Field(
        None, description="At most JWT_EXPIRY, which is also the default.", examples=[3600]
    )


class CustomerJson(Outgoing):
    """A customer."""

    id: int = Field(examples=[7])
    email: str | None
    role: str = Field(description="Always `customer`.", examples=["customer"])
    display_name: str | None = Field(examples=["Alice Wanjiru"])
    language: str = Field(examples=["sw"])
    timezone: str = Field(examples=["Africa/Nairobi"])
    denied_permissions: list[str] = Field(examples=[["escalate_support_ticket"]])
    active: bool
    created_at: MomentOut
    updated_at: MomentOut
    last_login: MomentOut | None


class CustomerAnswer(Done):
    """One customer."""

    customer: CustomerJson


class CustomersAnswer(Done):
    """Customers, the highest id first."""

    customers: list[CustomerJson]
    next_cursor: str | None = Field(description="null: there are no more.", examples=["7"])


class CustomerTokenAnswer(Done):
    """A token that acts as the customer, of a session of its own."""

    token: str
    expires_at: MomentOut


class MeAnswer(Done):
    """Oneself: `allPermissions` is what one may; `csrfToken` goes into X-CSRFToken of writes by cookie."""

    user: UserJson | CustomerJson
    all_permissions: list[str]
    session_id: UUID | None
    csrf_token: str | None
