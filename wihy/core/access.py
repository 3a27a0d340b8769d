"""Who may do what: the principal, the marks on routes, and the one table of roles and permissions.

Every route carries exactly one mark that names all who may: `@allow(staff)`, `@allow(staff("links:write"))`,
`@allow(staff, key="stats:read")`, `@allow(anyone)`. Who asks is found by the accounts room on each request.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from flask import redirect, request
from flask_login import UserMixin, current_user

from wihy.core import csrf
from wihy.core.errors import Forbidden, Unauthorized, wants_json

View = TypeVar("View", bound=Callable[..., Any])
KEY_HEADER = "X-Api-Key"


class Kind(StrEnum):
    """The kinds of principals."""

    STRANGER = "stranger"
    STAFF = "staff"
    CUSTOMER = "customer"
    API_KEY = "api_key"
    GONE = "gone"  # whoever holds a good token of a customer that is no longer known


class Way(StrEnum):
    """How a request proved who sent it."""

    NONE = "none"
    BEARER = "bearer"
    COOKIE = "cookie"
    KEY = "key"


VIEWER = frozenset({"customers:read", "dashboards:read", "links:read", "partners:read", "support:read"})
GRANTABLE = frozenset({"support:write", "partners:write", "links:write"})
ADMIN = (
    VIEWER
    | GRANTABLE
    | {"users:write", "keys:write", "shares:write", "audit:read"}
    | {"customers:write", "customers:token", "records:write"}
)
CUSTOMER = frozenset(
    {
        "track_interaction",
        "analyze_engagement",
        "create_support_ticket",
        "track_support_ticket",
        "view_support_ticket",
        "escalate_support_ticket",
        "close_support_ticket",
    }
)
PERMISSIONS = {"admin": ADMIN, "viewer": VIEWER, "customer": CUSTOMER}
SCOPES = frozenset(
    {
        "capture",
        "stats:read",
        "partners:write",
        "customers:write",
        "customers:token",
        "records:write",
        "content:read",
    }
)


@dataclass(frozen=True, slots=True)
class Principal(UserMixin):
    """Who sends a request: a person, a program, or a stranger. `permissions` of a key are its scopes."""

    kind: Kind = Kind.STRANGER
    id: str = ""
    name: str = ""
    role: str = ""
    permissions: frozenset[str] = field(default_factory=frozenset)
    session_id: UUID | None = None
    way: Way = Way.NONE

    @property
    def is_authenticated(self) -> bool:
        """Whether it is known who this is (Flask-Login asks)."""
        return self.kind not in (Kind.STRANGER, Kind.GONE)

    def get_id(self) -> str:
        """Return `staff:<uuid>`, `customer:<int>` or `api_key:<uuid>`: the `sub` of tokens."""
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True)
class Who:
    """A group of principals, narrowed to those with `permission` by a call: `staff("links:write")`."""

    kinds: frozenset[Kind]
    permission: str | None = None

    def __call__(self, permission: str) -> "Who":
        return replace(self, permission=permission)

    def admits(self, principal: Principal) -> bool:
        """Whether `principal` is one of them."""
        allowed = self.permission is None or self.permission in principal.permissions
        return principal.kind in self.kinds and allowed


anyone = Who(frozenset(Kind))
signed_in = Who(frozenset({Kind.STAFF, Kind.CUSTOMER}))
staff = Who(frozenset({Kind.STAFF}))
customer = Who(frozenset({Kind.CUSTOMER}))
gone = Who(frozenset({Kind.GONE}))  # for routes that tell a lost customer from a stranger
_api_key = Who(frozenset({Kind.API_KEY}))


def who_asks() -> Principal:
    """Return the principal of the current request."""
    principal: Principal = current_user._get_current_object()
    return principal


def allow(*who: Who, key: str | tuple[str, ...] = ()) -> Callable[[View], View]:
    """Mark a route with all who may use it; `key` is the scope an API key needs, or several of which one is enough.

    Others are refused: strangers 401 (a browser is sent to sign in), the rest 403. A write that a cookie vouches for,
    and every form, must carry the CSRF token.
    """
    scopes = (key,) if isinstance(key, str) else key
    admitted = who + tuple(_api_key(scope) for scope in scopes)

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if anyone not in admitted:
                principal = who_asks()
                if not any(one.admits(principal) for one in admitted):
                    if not principal.is_authenticated:
                        return _send_to_sign_in()
                    raise Forbidden
                csrf.check(by_cookie=principal.way is Way.COOKIE)
            else:
                csrf.check(by_cookie=False)
            return view(*args, **kwargs)

        guarded.access = admitted  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return mark


def _send_to_sign_in() -> Any:
    if wants_json() or request.method not in ("GET", "HEAD"):
        raise Unauthorized
    path = request.full_path.rstrip("?")
    return redirect("/login" if path == "/" else "/login?" + urlencode({"next": path}))
