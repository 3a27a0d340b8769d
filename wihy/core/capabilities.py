"""Capability links: whoever holds one may see one thing, until it expires or is revoked.

A link's token is made of its kind, its subject and a version under a key of this installation; only its digest is kept.
So a token is shown once and stored nowhere, and can be made again: to mail it, and for the demo. Whose row it is, what
it opens and who may make it are the business of the rooms; how it is made, judged and ended stands here.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from wihy.core.clock import now, to_text
from wihy.core.errors import Unauthorized
from wihy.core.settings import settings


class Kind(StrEnum):
    """What a link opens: a partner's page, or a shared dashboard. The word is part of each token."""

    PARTNER = "partner"
    SHARE = "share"


# each kind has a key of its own: JWTs are signed with the secret itself
PURPOSES = {Kind.PARTNER: b"wihy partner access tokens", Kind.SHARE: b"wihy share tokens"}


class Status(StrEnum):
    """What a link is."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


class InvalidAccessToken(Unauthorized):
    """The token opens nothing; `details` say: missing, wrong, expired or revoked, and since when."""

    code, message = "INVALID_ACCESS_TOKEN", "Invalid access token"

    def __init__(self, reason: str, at: datetime | None = None) -> None:
        self.reason, self.at = reason, at
        super().__init__(
            details=[{"field": "token", "message": reason, **({"at": to_text(at)} if at else {})}]
        )


@dataclass(frozen=True, slots=True)
class Capability:
    """A link as its row knows it. Versions count from 1; of `token_digest` the token is the present version's."""

    kind: Kind
    subject: str
    version: int
    token_digest: str
    expires_at: datetime | None
    is_revoked: bool
    revoked_at: datetime | None

    @property
    def status(self) -> Status:
        """Whether the link opens anything now, and if not, why."""
        if self.is_revoked:
            return Status.REVOKED
        return Status.EXPIRED if self.expires_at and self.expires_at <= now() else Status.ACTIVE

    def check(self, token: str) -> None:
        """Raise `InvalidAccessToken` unless `token` opens what this is about now.

        A token that a newer one has replaced is told as revoked, as one that was withdrawn.
        """
        if not is_token_of(token, self.token_digest):
            raise InvalidAccessToken("revoked" if self._was_once(token) else "wrong")
        self.check_state()

    def check_state(self) -> None:
        """Raise `InvalidAccessToken` where the link has ended, whoever asks."""
        if self.status is Status.REVOKED:
            raise InvalidAccessToken("revoked", self.revoked_at)
        if self.status is Status.EXPIRED:
            raise InvalidAccessToken("expired", self.expires_at)

    def find_token(self) -> str | None:
        """Return the token of the link, made again.

        None where neither `JWT_SECRET` nor `JWT_SECRET_PREVIOUS` made it.
        """
        made = self._made(self.version)
        return next((token for token in made if is_token_of(token, self.token_digest)), None)

    def _was_once(self, token: str) -> bool:
        made = (one for version in range(1, self.version) for one in self._made(version))
        return any([hmac.compare_digest(token.encode(), one.encode()) for one in made])  # noqa: C419 - all, always

    def _made(self, version: int) -> Iterator[str]:
        for secret in (settings().jwt_secret, settings().jwt_secret_previous):
            if secret:
                yield issue_token(self.kind, self.subject, version, secret)


def issue_token(kind: Kind, subject: str, version: int, jwt_secret: str) -> str:
    """Return the token (43 characters) of a link."""
    key = hmac.digest(jwt_secret.encode(), PURPOSES[kind], sha256)
    mac = hmac.digest(key, f"{kind}:{subject}:{version}".encode(), sha256)
    return urlsafe_b64encode(mac).rstrip(b"=").decode()


def digest(token: str) -> str:
    """Return what is stored of `token`: its SHA-256, in hex."""
    return sha256(token.encode()).hexdigest()


def is_token_of(token: str, stored_digest: str) -> bool:
    """Whether `token` has this digest; takes the same time whatever differs."""
    return hmac.compare_digest(digest(token), stored_digest)
