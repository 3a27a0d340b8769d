"""One's own account, and for admins users and keys: `/settings`.

Each form goes to an address of its own. What succeeds comes back to the page with a message; what is refused shows
the page again with `form_error` at the form `form`. A new key is shown in the answer itself, and nowhere else.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ValidationError

from wihy.accounts import keys, passwords, service, sessions, tokens
from wihy.accounts.caller import caller
from wihy.accounts.schemas import (
    NewKey,
    NewUser,
    PasswordChange,
    Permission,
    Role,
    Scope,
    UserChanges,
)
from wihy.accounts.sign_in import change_password
from wihy.core.access import allow, staff, who_asks
from wihy.core.database import transaction
from wihy.core.errors import InvalidRequest, Refusal

routes = Blueprint("accounts_settings", __name__, url_prefix="/settings")
PAGE = "/settings"
BOOLEANS = {"true": True, "false": False}


@routes.get("")
@allow(staff)
def show_settings() -> ResponseReturnValue:
    """Show one's account, and to admins users and keys."""
    return _page()


@routes.post("/password")
@allow(staff)
def change_own_password() -> ResponseReturnValue:
    """Change one's own password; every other place is signed out."""

    def act() -> str:
        given = _read(PasswordChange)
        token = change_password(who_asks().name, given.current_password, given.new_password, caller())
        tokens.give_cookie(token)
        return "Password changed. You are signed out everywhere else."

    return _do("password", act)


@routes.post("/sessions/<uuid:session_id>/end")
@allow(staff)
def end_own_session(session_id: UUID) -> ResponseReturnValue:
    """Sign out one of one's own sessions."""

    def act() -> str:
        with transaction():
            sessions.end_session(who_asks().get_id(), session_id)
        return "Signed out there."

    return _do("sessions", act)


@routes.post("/sessions/end")
@allow(staff)
def end_own_sessions() -> ResponseReturnValue:
    """Sign out everywhere, here too."""
    with transaction():
        sessions.end_sessions(who_asks().get_id())
    tokens.take_cookie()
    return redirect("/login", 303)


@routes.post("/users")
@allow(staff("users:write"))
def create_user() -> ResponseReturnValue:
    """Create a staff user."""

    def act() -> str:
        given = _read(NewUser)
        password_hash = passwords.hash_aside(given.password)
        with transaction():
            service.create_user(given.email, password_hash, given.role, given.permissions)
        return f"Created {given.email}."

    return _do("users", act)


@routes.post("/users/<uuid:user_id>")
@allow(staff("users:write"))
def change_user(user_id: UUID) -> ResponseReturnValue:
    """Change role and permissions; a form that sends neither `role` nor `permissions` leaves them."""

    def act() -> str:
        given = _read(UserChanges)
        password_hash = passwords.hash_aside(given.password) if given.password else None
        with transaction():
            user = service.change_user(user_id, given.given(), password_hash)
        return f"Changed {user.email}."

    return _do("users", act)


@routes.post("/keys")
@allow(staff("keys:write"))
def create_key() -> ResponseReturnValue:
    """Make an API key and show it, this once."""
    try:
        given = _read(NewKey)
        with transaction():
            _, text = keys.create_key(given.name, given.scopes, UUID(who_asks().id), _key_id())
    except Refusal as refusal:
        return _refused("keys", refusal)
    return _page(new_key=text)


@routes.post("/keys/<uuid:key_id>/revoke")
@allow(staff("keys:write"))
def revoke_key(key_id: UUID) -> ResponseReturnValue:
    """Revoke an API key."""

    def act() -> str:
        with transaction():
            key = keys.revoke_key(key_id)
        return f"Revoked {key.name}."

    return _do("keys", act)


@routes.get("/<any(password, sessions, users, keys):form>")
@routes.get("/<any(sessions, users, keys):form>/<path:_rest>")
@allow(staff)
def show_form(form: str, _rest: str = "") -> ResponseReturnValue:
    """Lead to the form whose address this is: a refused one leaves it in the browser."""
    return redirect(f"{PAGE}#{form}")


Form = Any
FORM_ONLY = ("csrf_token", "keyId")


def _key_id() -> UUID | None:
    """Return the id that the form chose for the new key."""
    try:
        return UUID(request.form.get("keyId", ""))
    except ValueError:
        return None


def _read(model: type[BaseModel]) -> Form:
    """Return the form as `model`: its fields have the names of the API's; an empty one is absent.

    Checkboxes of one name are a list; a hidden empty one beside them says that none is ticked.
    """
    form: dict[str, str | bool | list[str]] = {
        name: request.form[name] for name in request.form if request.form[name] and name not in FORM_ONLY
    }
    if form.get("isActive") in BOOLEANS:
        form["isActive"] = BOOLEANS[str(form["isActive"])]
    for name in ("permissions", "scopes"):
        if name in request.form:
            form[name] = [one for one in request.form.getlist(name) if one]
    try:
        return model.model_validate(form)
    except ValidationError as error:
        raise InvalidRequest.of(error) from None


def _do(form: str, act: Callable[[], str]) -> ResponseReturnValue:
    try:
        flash(act())
    except Refusal as refusal:
        return _refused(form, refusal)
    return redirect(f"{PAGE}#{form}", 303)


def _refused(form: str, refusal: Refusal) -> ResponseReturnValue:
    message = " ".join(detail["message"] for detail in refusal.details) or refusal.message
    page = _page(
        form=form, form_error=message, form_problems={d["field"]: d["message"] for d in refusal.details}
    )
    return page, refusal.status, refusal.headers


def _page(**shown: Any) -> str:
    me = who_asks()
    may_users, may_keys = "users:write" in me.permissions, "keys:write" in me.permissions
    return render_template(
        "accounts/settings.html",
        **{
            "me": service.get_user(UUID(me.id)),
            "sessions": sessions.list_sessions(me.get_id()),
            "current_session_id": me.session_id,
            "users": service.list_users() if may_users else None,
            "keys": keys.list_keys() if may_keys else None,
            "roles": list(Role),
            "grantable": list(Permission),
            "scopes": list(Scope),
            "new_key": None,
            "next_key_id": uuid4(),
            "form": None,
            "form_error": None,
            "form_problems": {},
            "typed": request.form,
        }
        | shown,
    )
