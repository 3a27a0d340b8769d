"""Who may see which part of a partner's page: everyone the public one, staff and token holders all of it."""

from enum import StrEnum

from wihy.core.capabilities import InvalidAccessToken
from wihy.core.settings import settings
from wihy.partners.models import PartnerAccess
from wihy.partners.queries import find_partner


class Access(StrEnum):
    """How much of a partner's numbers is shown."""

    PUBLIC = "public"
    PRIVATE = "private"


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
    """Return the partner whose page `token` opens; raises `InvalidAccessToken`."""
    partner = find_partner(tracking_id)
    if partner is None:
        raise InvalidAccessToken("wrong")
    partner.capability.check(token)
    return partner
