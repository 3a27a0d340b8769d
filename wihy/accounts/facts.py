"""What happened to accounts, for others to react to."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SessionsEnded:
    """These sessions ended: whatever still runs in their name must stop."""

    session_ids: tuple[UUID, ...]
