"""What comes in and goes out about accounts."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool

from wihy.accounts.emails import normalised
from wihy.accounts.passwords import LONGEST_BYTES, SHORTEST_BYTES
from wihy.core.emails import check_email
from wihy.core.schemas import Changes, Incoming, MomentOut, Outgoing, Printable, Text


class Role(StrEnum):
    """What a staff user is."""

    ADMIN = "admin"
    VIEWER = "viewer"


class Permission(StrEnum):
    """What an admin may grant to a viewer."""

    SUPPORT = "support:write"
    PARTNERS = "partners:write"
    LINKS = "links:write"


class Scope(StrEnum):
    """What an API key may do."""

    CAPTURE = "capture"
    STATS = "stats:read"
    PARTNERS = "partners:write"
    CUSTOMERS = "customers:write"
    CUSTOMER_TOKENS = "customers:token"
    RECORDS = "records:write"
    CONTENT = "content:read"


def _new_password(text: str) -> str:
    length = len(text.encode())
    if length < SHORTEST_BYTES:
        raise ValueError(f"too short: use at least {SHORTEST_BYTES} characters")
    if length > LONGEST_BYTES:
        raise ValueError(f"too long: use at most {LONGEST_BYTES} bytes (an accented letter takes two)")
    return text


def _without_repeats(words: list[str]) -> list[str]:
    return sorted(set(words))


Email = Annotated[
    Text,
    Field(max_length=1024, examples=["ada@example.org"]),
    AfterValidator(normalised),
    AfterValidator(check_email),
]
NewPassword = Annotated[
    Text,
    Field(max_length=1024, description="8 to 72 bytes of UTF-8", examples=["correct horse battery staple"]),
    AfterValidator(_new_password),
]
Password = Annotated[Text, Field(max_length=1024, examples=["correct horse battery staple"])]
Permissions = Annotated[list[Permission], Field(max_length=100), AfterValidator(_without_repeats)]
Scopes = Annotated[list[Scope], Field(min_length=1, max_length=100), AfterValidator(_without_repeats)]
RoleOut = Annotated[str, BeforeValidator(lambda role: role or Role.VIEWER)]
Name = Annotated[Printable, BeforeValidator(lambda given: given.strip() if isinstance(given, str) else given)]


def _tell_no_default(schema: dict[str, Any]) -> None:
    del schema["default"]


def left_out(**documented: Any) -> Any:
    """Return what stands for a field that changes nothing unless it is named; `documented` is `Field`'s."""
    return Field(default=None, json_schema_extra=_tell_no_default, **documented)


LEFT_OUT: Any = left_out()


class Credentials(Incoming):
    """What a person signs in with."""

    email: Annotated[Text, Field(max_length=1024, examples=["ada@example.org"])]
    password: Password


class PasswordChange(Incoming):
    """One's old and new password."""

    current_password: Password
    new_password: NewPassword


class NewUser(Incoming):
    """A staff user to be created."""

    email: Email
    password: NewPassword
    role: Role = Role.VIEWER
    permissions: Permissions = Field(default=[])


class UserChanges(Changes):
    """What to change about a user: what is left out stays; `null` clears `permissions`, nothing else can be."""

    email: Email = LEFT_OUT
    password: NewPassword = LEFT_OUT
    role: Role = LEFT_OUT
    permissions: Annotated[Permissions, BeforeValidator(lambda given: [] if given is None else given)] = (
        LEFT_OUT
    )
    is_active: StrictBool = LEFT_OUT

    def given(self) -> dict[str, Any]:
        """Return the columns to set: those named in the body, but for the password."""
        return self.model_dump(exclude_unset=True, exclude={"password"})


class NewKey(Incoming):
    """An API key to be made."""

    name: Name = Field(examples=["Importer"])
    scopes: Scopes


class Done(Outgoing):
    """It is done."""

    success: bool = True


class TokenAnswer(Done):
    """A token, which is also set as the cookie `wihy_session`."""

    token: str


class SignedInUser(Outgoing):
    """Who signed in: a staff user (UUID), or a customer (number, role `customer`)."""

    id: UUID | int = Field(examples=["01a1f804-9a3c-7cfb-b69f-857d4e58d173"])
    email: str
    role: RoleOut


class SignInAnswer(TokenAnswer):
    """A token, which is also set as the cookie `wihy_session`, and whose it is."""

    user: SignedInUser


class UserJson(Outgoing):
    """A staff user; `permissions` are those granted beside the role's."""

    id: UUID
    email: str
    role: RoleOut
    permissions: list[str]
    is_active: bool
    created_at: MomentOut
    last_login: MomentOut | None


class UserAnswer(Done):
    """One user."""

    user: UserJson


class UsersAnswer(Done):
    """All users, by e-mail."""

    users: list[UserJson]


class SessionJson(Outgoing):
    """A sign-in that still counts; `current` is the one asking."""

    id: UUID
    created_at: MomentOut
    last_seen_at: MomentOut
    user_agent: str
    current: bool = False


class SessionsAnswer(Done):
    """One's sessions, the one seen last first, at most 100."""

    sessions: list[SessionJson]


class KeyJson(Outgoing):
    """An API key, without its text."""

    id: UUID
    name: str
    scopes: list[str]
    created_at: MomentOut
    created_by: UUID | None
    last_used_at: MomentOut | None
    revoked_at: MomentOut | None


class KeyAnswer(Done):
    """One key."""

    api_key: KeyJson


class NewKeyAnswer(KeyAnswer):
    """A new key: `key` is its text, shown this once."""

    key: str


class KeysAnswer(Done):
    """All keys, the newest first; revoked ones have `revokedAt`."""

    keys: list[KeyJson]
