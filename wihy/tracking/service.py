"""What the tracking room can do: capture clicks, durably."""

from collections.abc import Sequence

from wihy.core.settings import settings
from wihy.tracking.capture import Capture, Outcome
from wihy.tracking.group_commit import commit, group_commit


def capture_events(captures: Sequence[Capture]) -> list[Outcome]:
    """Store `captures` in one transaction; returns what became of each once it is durably committed.

    Idempotent by id: an id that is stored already stays as it was. The transaction is its own, shared with what else
    is captured at the moment. Raises `Unavailable`.
    """
    if not captures:
        return []
    return group_commit().store(captures) if settings().group_commit else commit(captures)
