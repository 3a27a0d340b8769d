"""Signing in and changing one's password.

These open their own transactions, because checking a password takes long on purpose and must happen between them.
"""

import logging
from typing import NamedTuple
from uuid import UUID

from wihy.accounts import lockout, passwords, service, sessions, tokens
from wihy.accounts.models import User
from wihy.core import clock
from wihy.core.database import transaction
from wihy.core.errors import InvalidRequest, TooManyRequests, Unauthorized

logger = logging.getLogger(__name__)


class Caller(NamedTuple):
    """Where a sign-in comes from."""

    address: str
    user_agent: str


class WrongCredentials(Unauthorized):
    """E-mail and password do not belong together; which of them is wrong is not told."""

    message = "E-mail or password is wrong"


class _Checked(NamedTuple):
    attempt_id: UUID
    password_hash: str


def sign_in(email: str, password: str, caller: Caller) -> tuple[User, str]:
    """Open a session; returns its user and token. Raises `WrongCredentials` or `TooManyRequests`."""
    checked = _check(email, password, caller)
    with transaction():
        user = _still_valid(email, checked)
        user.last_login = clock.now()
        token = _open_session(user, caller)
    if passwords.needs_rehash(checked.password_hash):
        _rehash(user.id, password, checked.password_hash)
    return user, token


def change_password(email: str, current: str, new: str, caller: Caller) -> str:
    """Replace one's own password and end all sessions; returns the token of a new one.

    A wrong `current` counts as a failed sign-in. Raises `InvalidRequest` or `TooManyRequests`.
    """
    try:
        checked = _check(email, current, caller)
        password_hash = passwords.hash_password(new)
        with transaction():
            user = _still_valid(email, checked)
            service.set_password(user, password_hash)
            return _open_session(user, caller)
    except WrongCredentials:
        raise InvalidRequest.at("currentPassword", "This is not your current password") from None


def _check(email: str, password: str, caller: Caller) -> _Checked:
    """Compare `password` with the stored one; nothing tells why it failed, not even the time it took."""
    email = service.normalised(email)
    account, address = lockout.account_digest(email), lockout.address_digest(caller.address)
    try:
        with transaction():
            attempt_id = lockout.begin_attempt(email, caller.address)
            user = service.find_user(email)
    except TooManyRequests:
        logger.info("sign-in refused: too many failures, account %.8s, address %.8s", account, address)
        raise
    password_hash = user.password_hash if user and user.is_active else None
    right = passwords.matches(password, password_hash)
    logger.info("sign-in %s, account %.8s, address %.8s", "right" if right else "wrong", account, address)
    if not right or password_hash is None:
        raise WrongCredentials
    return _Checked(attempt_id, password_hash)


def _still_valid(email: str, checked: _Checked) -> User:
    """Return the user, locked: a change or deactivation that came in between counts, a later one waits."""
    user = service.find_user(service.normalised(email), lock=True)
    if user is None or not user.is_active or user.password_hash != checked.password_hash:
        raise WrongCredentials
    lockout.forget_attempt(checked.attempt_id)
    return user


def _open_session(user: User, caller: Caller) -> str:
    return tokens.issue(user.principal, sessions.open_session(user.principal, caller.user_agent).id)


def _rehash(user_id: UUID, password: str, old_hash: str) -> None:
    """Make the work of this account's check the same as everyone's, lest the time tell who has one."""
    password_hash = passwords.hash_password(password)
    with transaction():
        user = service.get_user(user_id, lock=True)
        if user.password_hash == old_hash:
            user.password_hash = password_hash
