"""What customers are awarded for, and how much."""

from typing import NamedTuple


class Award(NamedTuple):
    """What one occurrence of `action` earns: points, and credit in hundredths of a dollar."""

    action: str
    points: int
    credit_cents: int = 0


class Granted(NamedTuple):
    """What an award has brought; `error` is for the customer to read, None unless it failed.

    Nothing and no error: it was awarded before, or the day's limit is reached.
    """

    points: int
    credit_cents: int
    error: str | None


INTERACTION = Award("interaction", 5)
HIGH_ENGAGEMENT = Award("high_engagement", 20)
SUPPORT_INTERACTION = Award("support_interaction", 10, credit_cents=20)
SUPPORT_TICKET_CREATED = Award("support_ticket_created", 5)
TICKET_CLOSURE = Award("ticket_closure", 5)
