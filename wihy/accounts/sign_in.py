"""Signing in and changing one's password.

These open their own transactions, because checking a password takes long on purpose and must happen between them.
"""

import logging
from typing import NamedTuple
from uuid import UUID

from wihy.accounts import lockout, passwords, service, sessions, tokens
from wihy.accounts.emails import normalised
from wihy.accounts.models import User
from wihy.audit.service import record
from wihy.core import clock
from wihy.core.database import transaction
from wihy.core.errors import InvalidRequest, TooManyRequests, Unauthorized
from wihy.customers.models import Customer
from wihy.customers.queries import find_customer_by_email

logger = logging.getLogger(__name__)

Account = User | Customer


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


def sign_in(email: str, password: str, caller: Caller) -> tuple[Account, str]:
    """Open a session; returns whose, and its token. Raises `WrongCredentials` or `TooManyRequests`."""
    checked = _check(email, password, caller)
    with transaction():
        account = _still_valid(email, checked)
        account.last_login = clock.now()
        token = _open_session(account, caller)
        record("SIGNED_IN", account.principal, actor=account.principal)
    if passwords.needs_rehash(checked.password_hash):
        _rehash(email, password, checked.password_hash)
    return account, token


def change_password(email: str, current: str, new: str, caller: Caller) -> str:
    """Replace one's own password, as staff, and end all sessions; returns the token of a new one.

    A wrong `current` counts as a failed sign-in. Raises `InvalidRequest` or `TooManyRequests`.
    """
    try:
        checked = _check(email, current, caller)
        password_hash = passwords.hash_password(new)
        with transaction():
            user = _still_valid(email, checked)
            if not isinstance(user, User):
                raise WrongCredentials
            service.set_password(user, password_hash)
            return _open_session(user, caller)
    except WrongCredentials:
        raise InvalidRequest.at("currentPassword", "This is not your current password") from None


def _check(email: str, password: str, caller: Caller) -> _Checked:
    """Compare `password` with the stored one; nothing tells why it failed, not even the time it took."""
    email = normalised(email)
    account, address = lockout.account_digest(email), lockout.address_digest(caller.address)
    try:
        with transaction():
            found = _find_active(email)
            attempt_id = lockout.begin_attempt(email, caller.address, found.principal if found else None)
    except TooManyRequests:
        logger.info("sign-in refused: too many failures, account %.8s, address %.8s", account, address)
        raise
    password_hash = found.password_hash if found else None
    right = passwords.matches(password, password_hash)
    logger.info("sign-in %s, account %.8s, address %.8s", "right" if right else "wrong", account, address)
    if not right or password_hash is None:
        raise WrongCredentials
    return _Checked(attempt_id, password_hash)


def _find_active(email: str, *, lock: bool = False) -> Account | None:
    """Return whose e-mail this is; always asks for both kinds, lest the time tell which it was."""
    user = service.find_user(email, lock=lock)
    customer = find_customer_by_email(email, lock=lock)
    if user is not None:
        return user if user.is_active else None
    return customer if customer is not None and customer.active else None


def _still_valid(email: str, checked: _Checked) -> Account:
    """Return the account, locked: a change or deactivation that came in between counts, a later one waits."""
    account = _find_active(normalised(email), lock=True)
    if account is None or account.password_hash != checked.password_hash:
        raise WrongCredentials
    lockout.forget_attempt(checked.attempt_id)
    return account


def _open_session(account: Account, caller: Caller) -> str:
    return tokens.issue(account.principal, sessions.open_session(account.principal, caller.user_agent).id)


def _rehash(email: str, password: str, old_hash: str) -> None:
    """Make the work of this account's check the same as everyone's, lest the time tell who has one."""
    password_hash = passwords.hash_password(password)
    with transaction():
        account = _find_active(normalised(email), lock=True)
        if account is not None and account.password_hash == old_hash:
            account.password_hash = password_hash
