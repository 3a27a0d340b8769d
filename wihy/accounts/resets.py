"""Forgotten passwords: a link by mail, that works once and for half an hour.

The link's token is signed, and kept nowhere. The present password is part of what is signed, so a new password ends it,
however it came about. Asking does the same work for every address: whether there is an account is looked up when the
mail leaves, out of the asker's sight.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import timedelta
from hmac import compare_digest, digest
from typing import Any
from uuid import UUID

from wihy.accounts import passwords, service
from wihy.accounts.models import User
from wihy.core import clock
from wihy.core.database import transaction, wait_for_turn
from wihy.core.errors import NotFound, Refusal
from wihy.core.settings import settings
from wihy.outbox.service import Obsolete, count_recent, put_mail

TEMPLATE = "password_reset"
PATH = "/reset-password"
LIFETIME = timedelta(minutes=30)
MOST_MAILS, PERIOD = 3, timedelta(hours=1)  # to one address, whoever asks
ID_BYTES, MOMENT_BYTES, SIGNATURE_BYTES = 16, 5, 32


class LinkEnded(Refusal):
    """The link was used, is too old, or is not complete; which of them is not told."""

    status, code = 400, "INVALID_RESET_LINK"
    message = "This link does not work any more: links work once, and not for long"


def ask_for_link(email: str, language: str) -> None:
    """Have a link sent to `email` (normalised), if that is an active user's; needs a transaction."""
    wait_for_turn(f"reset {email}")
    if count_recent(TEMPLATE, email, PERIOD) < MOST_MAILS:
        put_mail(TEMPLATE, email, {"email": email}, language=language)


def complete_mail(details: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what the mail takes; raises `Obsolete` where there is nobody to send it to."""
    user = service.find_user(details["email"])
    if user is None or not user.is_active:
        raise Obsolete
    link = f"{settings().public_url}{PATH}?token={make_token(user)}"
    return {"email": user.email, "link": link, "minutes": LIFETIME // timedelta(minutes=1)}


def make_token(user: User) -> str:
    """Return a token that lets `user` choose a new password."""
    expires_at = int((clock.now() + LIFETIME).timestamp())
    head = user.id.bytes + expires_at.to_bytes(MOMENT_BYTES, "big")
    signature = _sign(head, user, settings().jwt_secret)
    return urlsafe_b64encode(head + signature).decode().rstrip("=")


def judge(token: str, *, lock: bool = False) -> User:
    """Return whose `token` this is, locked if asked for; raises `LinkEnded`."""
    content = _read(token)
    head, signature = content[:-SIGNATURE_BYTES], content[-SIGNATURE_BYTES:]
    try:
        user = service.get_user(UUID(bytes=head[:ID_BYTES]), lock=lock)
    except NotFound:
        raise LinkEnded from None
    secrets = filter(None, (settings().jwt_secret, settings().jwt_secret_previous))
    is_ours = any(compare_digest(signature, _sign(head, user, secret)) for secret in secrets)
    is_late = clock.now().timestamp() >= int.from_bytes(head[ID_BYTES:], "big")
    if not is_ours or is_late or not user.is_active:
        raise LinkEnded
    return user


def reset_password(token: str, new: str) -> None:
    """Replace the password of whose `token` this is, and end all their sessions; raises `LinkEnded`.

    Opens its own transaction, for hashing takes long on purpose.
    """
    judge(token)
    password_hash = passwords.hash_aside(new)
    with transaction():
        service.set_password(judge(token, lock=True), password_hash, by_link=True)


def _read(token: str) -> bytes:
    """Return what is written in `token`; raises `LinkEnded` unless it has the right form."""
    try:
        content = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        raise LinkEnded from None
    if len(content) != ID_BYTES + MOMENT_BYTES + SIGNATURE_BYTES:
        raise LinkEnded
    return content


def _sign(head: bytes, user: User, secret: str) -> bytes:
    key = digest(secret.encode(), b"wihy password resets", "sha256")
    return digest(key, head + f"{user.email} {user.password_hash}".encode(), "sha256")
