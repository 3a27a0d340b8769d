"""What can be done with staff users; and what other rooms may do with customers' accounts."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from wihy.accounts import sessions
from wihy.accounts.customers import CustomerChanges as CustomerChanges
from wihy.accounts.customers import end_customer_sessions as end_customer_sessions
from wihy.accounts.customers import password_hash_of as password_hash_of
from wihy.accounts.customers import put_customer as put_customer
from wihy.accounts.emails import EmailTaken as EmailTaken
from wihy.accounts.emails import claim_email
from wihy.accounts.models import User
from wihy.accounts.sessions import list_sessions as list_sessions
from wihy.accounts.tokens import expiry_of as expiry_of
from wihy.audit.service import record
from wihy.core import clock
from wihy.core.database import db, wait_for_turn
from wihy.core.errors import Conflict, NotFound


class LastAdmin(Conflict):
    """Somebody must be left to run the place."""

    code, message = "LAST_ADMIN", "This is the last active admin: make somebody else an admin first"


def list_users() -> Sequence[User]:
    """Return all users, deactivated ones too, by e-mail."""
    return db.session.scalars(_fresh(select(User).order_by(User.email))).all()


def find_user(email: str, *, lock: bool = False) -> User | None:
    """Return the user with that (normalised) e-mail; `lock`: until the transaction ends, others only read it."""
    found = _fresh(select(User).where(User.email == email))
    return db.session.scalar(found.with_for_update() if lock else found)


def get_user(user_id: UUID, *, lock: bool = False) -> User:
    """Return the user; raises `NotFound`."""
    found = _fresh(select(User).where(User.id == user_id))
    user = db.session.scalar(found.with_for_update() if lock else found)
    if user is None:
        raise NotFound
    return user


def create_user(
    email: str, password_hash: str, role: str = "viewer", permissions: Sequence[str] = ()
) -> User:
    """Store a new user; raises `EmailTaken`."""
    claim_email(email)
    user = User(
        email=email,
        password_hash=password_hash,
        role=role,
        permissions=sorted(set(permissions)),
        created_at=clock.now(),
    )
    db.session.add(user)
    db.session.flush()
    details = {"role": user.role, "permissions": user.permissions}
    record("USER_CREATED", user.principal, details=details, personal={"email": email})
    return user


def change_user(user_id: UUID, changes: dict[str, Any], password_hash: str | None = None) -> User:
    """Set the user's `email`, `role`, `permissions` or `is_active`, those that `changes` names, and the password.

    A deactivation or a new password ends the user's sessions. Raises `NotFound`, `EmailTaken` or `LastAdmin`.
    """
    wait_for_turn("who is an admin")
    user = get_user(user_id, lock=True)
    was_admin = _is_active_admin(user)
    if "email" in changes:
        claim_email(changes["email"], user.principal)
    changed = {name: value for name, value in changes.items() if getattr(user, name) != value}
    for name, value in changed.items():
        setattr(user, name, value)
    if was_admin and not _is_active_admin(user) and not _is_other_admin(user_id):
        raise LastAdmin
    db.session.flush()
    _record_changes(user, changed)
    if password_hash:
        set_password(user, password_hash)
    elif not user.is_active:
        sessions.end_sessions(user.principal)
    return user


def set_password(user: User, password_hash: str, *, by_link: bool = False) -> None:
    """Replace the user's password and end all sessions; `by_link`: the user does it, who could not sign in."""
    user.password_hash = password_hash
    db.session.flush()
    actor = user.principal if by_link else None
    record("PASSWORD_RESET" if by_link else "PASSWORD_CHANGED", user.principal, actor=actor)
    sessions.end_sessions(user.principal, actor=actor)


def has_users() -> bool:
    """Whether there is any user at all."""
    return db.session.scalar(select(User.id).limit(1)) is not None


def _record_changes(user: User, changed: Mapping[str, Any]) -> None:
    if "is_active" in changed:
        record("USER_ACTIVATED" if user.is_active else "USER_DEACTIVATED", user.principal)
    details = {name: value for name, value in changed.items() if name in ("role", "permissions")}
    personal = {name: value for name, value in changed.items() if name == "email"}
    if details or personal:
        record("USER_CHANGED", user.principal, details=details, personal=personal)


def _is_active_admin(user: User) -> bool:
    return user.role == "admin" and user.is_active


def _is_other_admin(user_id: UUID) -> bool:
    others = select(func.count()).where(User.role == "admin", User.is_active, User.id != user_id)
    return bool(db.session.scalar(others.select_from(User)))


def _fresh(query: Select[User]) -> Select[User]:
    return query.execution_options(populate_existing=True)
