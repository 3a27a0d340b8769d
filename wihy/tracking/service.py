"""What the tracking room can do: capture clicks, durably."""

from collections.abc import Sequence

from wihy.core.database import transaction
from wihy.core.errors import Unavailable
from wihy.tracking.capture import Capture, Outcome
from wihy.tracking.store import Raced, store

TRIES = 3


def capture_events(captures: Sequence[Capture]) -> list[Outcome]:
    """Store `captures` in one transaction; returns what became of each once it is durably committed.

    Idempotent by id: an id that is stored already stays as it was. Opens its own transaction, so that how captures
    are committed together is decided here and not by callers. Raises `Unavailable`.
    """
    for _ in range(TRIES):
        try:
            with transaction():
                return store(captures)
        except Raced:
            continue
    raise Unavailable
