"""What happened to partners, for others to react to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PartnerLinkEnded:
    """The link that opened this partner's page opens it no more: whoever it let in must leave."""

    tracking_id: str
