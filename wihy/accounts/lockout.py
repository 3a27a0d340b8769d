"""How often a sign-in may fail. An attempt counts as failed from its start until it succeeds: so many at once
cannot slip through. Accounts and addresses are kept as keyed digests, as long as they count."""

import ipaddress
import math
from datetime import datetime, timedelta
from hmac import digest
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, select

from wihy.accounts.models import SignInFailure
from wihy.core import clock
from wihy.core.database import db, wait_for_turn
from wihy.core.errors import TooManyRequests
from wihy.core.settings import settings

WINDOW = timedelta(minutes=15)
FAILURES_OF_ACCOUNT_AND_ADDRESS = 10
FAILURES_OF_ADDRESS = 30
FAILURES_OF_ACCOUNT = 100
IPV6_NETWORK = 64  # what one customer of a provider gets


def begin_attempt(email: str, address: str, principal: str | None) -> UUID:
    """Store an attempt to sign in as `email`, whose is `principal`, from `address`; raises `TooManyRequests`."""
    wait_for_turn("attempts to sign in")
    now = clock.now()
    db.session.execute(delete(SignInFailure).where(SignInFailure.at <= now - WINDOW))
    attempt = SignInFailure(
        at=now, account=account_digest(email), address=address_digest(address), principal=principal
    )
    wait = _wait(attempt, now)
    if wait:
        message = "Too many failed sign-ins: wait a while, then try again"
        raise TooManyRequests(math.ceil(wait.total_seconds()), message)
    db.session.add(attempt)
    db.session.flush()
    return attempt.id


def forget_attempt(attempt_id: UUID) -> None:
    """Take back an attempt that succeeded."""
    db.session.execute(delete(SignInFailure).where(SignInFailure.id == attempt_id))


def account_digest(email: str) -> str:
    """Return what stands for the account in tables and logs."""
    return _digest("account", email)


def address_digest(address: str) -> str:
    """Return what stands for the address (an IPv6 one's network) in tables and logs."""
    network = ipaddress.ip_address(address)
    if network.version == 6:
        address = str(ipaddress.ip_network((address, IPV6_NETWORK), strict=False))
    return _digest("address", address)


def _wait(attempt: SignInFailure, now: datetime) -> timedelta:
    of_account = SignInFailure.account == attempt.account
    of_address = SignInFailure.address == attempt.address
    limits = (
        (and_(of_account, of_address), FAILURES_OF_ACCOUNT_AND_ADDRESS),
        (of_address, FAILURES_OF_ADDRESS),
        (of_account, FAILURES_OF_ACCOUNT),
    )
    return max(_wait_for(which, most, now) for which, most in limits)


def _wait_for(which: ColumnElement[bool], most: int, now: datetime) -> timedelta:
    """Return how long until fewer than `most` failures count."""
    newest_first = select(SignInFailure.at).where(which).order_by(SignInFailure.at.desc())
    at = db.session.scalar(newest_first.offset(most - 1).limit(1))
    return at + WINDOW - now if at else timedelta()


def _digest(kind: str, text: str) -> str:
    key = settings().ip_hash_secret.encode()
    return digest(key, f"sign-in {kind} {text}".encode(), "sha256").hex()[:32]
