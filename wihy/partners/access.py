"""Who may see which part of a partner's page: everyone the public one, staff and token holders all of it."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from hmac import compare_digest

from wihy.core.clock import to_text
from wihy.core.errors import Unauthorized
from wihy.core.settings import settings
from wihy.partners.models import PartnerAccess, Status
from wihy.partners.queries import find_partner
from wihy.partners.tokens import is_token_of, issue_token


class Access(StrEnum):
    """How much of a partner's numbers is shown."""

    PUBLIC = "public"
    PRIVATE = "private"


class InvalidAccessToken(Unauthorized):
    """The token does not open the page; `details` say: missing, wrong, expired or revoked, and since when."""

    code, message = "INVALID_ACCESS_TOKEN", "Invalid access token"

    def __init__(self, reason: str, at: datetime | None = None) -> None:
        self.reason, self.at = reason, at
        super().__init__(
            details=[{"field": "token", "message": reason, **({"at": to_text(at)} if at else {})}]
        )


def judge(tracking_id: str, token: str | None, *, is_staff: bool) -> Access:
    """Return how much is shown to who asks; raises `InvalidAccessToken`.

    A token that is given is judged, also when staff give it.
    """
    if token is not None:
        check_token(tracking_id, token)
    elif not is_staff:
        if not settings().public_engagement:
            raise InvalidAccessToken("missing")
        return Access.PUBLIC
    return Access.PRIVATE


def check_token(tracking_id: str, token: str) -> PartnerAccess:
    """Return the partner whose page `token` opens; raises `InvalidAccessToken`.

    A token that a newer one has replaced is told as revoked, as one that was withdrawn.
    """
    partner = find_partner(tracking_id)
    if partner is None:
        raise InvalidAccessToken("wrong")
    if not is_token_of(token, partner.access_token):
        raise InvalidAccessToken("revoked" if _was_token_of(token, partner) else "wrong")
    if partner.status is Status.REVOKED:
        raise InvalidAccessToken("revoked", partner.revoked_at)
    if partner.status is Status.EXPIRED:
        raise InvalidAccessToken("expired", partner.expires_at)
    return partner


def _was_token_of(token: str, partner: PartnerAccess) -> bool:
    made = (one for version in range(1, partner.token_version) for one in _made_tokens(partner, version))
    return any([compare_digest(token.encode(), one.encode()) for one in made])  # noqa: C419 - all, always


def find_token(partner: PartnerAccess) -> str | None:
    """Return the token that opens the page of `partner`, made again: for mail, and for the demo.

    None where neither `JWT_SECRET` nor `JWT_SECRET_PREVIOUS` made it.
    """
    made = _made_tokens(partner, partner.token_version)
    return next((token for token in made if is_token_of(token, partner.access_token)), None)


def _made_tokens(partner: PartnerAccess, version: int) -> Iterator[str]:
    for secret in (settings().jwt_secret, settings().jwt_secret_previous):
        if secret:
            yield issue_token(partner.tracking_id, version, secret)
