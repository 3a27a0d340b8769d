"""What is told of a capture."""

from typing import Any

from wihy.tracking.capture import Outcome


def told(outcome: Outcome) -> dict[str, Any]:
    """Return what the answer to a capture says of its outcome."""
    answer: dict[str, Any] = {"eventId": str(outcome.id)}
    if outcome.is_duplicate:
        answer["duplicate"] = True
    if outcome.is_bot:
        answer["bot"] = True
    return answer
