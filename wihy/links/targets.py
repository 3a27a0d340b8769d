"""Where short links lead, kept in memory for a minute or until they change, and for as long as the database is away.

So a poster keeps leading where it says while we cannot count who comes.
"""

import logging
import time
from dataclasses import dataclass, field
from datetime import datetime

from flask import current_app
from sqlalchemy.exc import DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from wihy.core.clock import now
from wihy.core.database import db, end_reading
from wihy.core.errors import Refusal
from wihy.core.settings import settings
from wihy.links.changes import Changes
from wihy.links.models import SavedLink
from wihy.links.queries import find_link
from wihy.links.slugs import is_slug
from wihy.links.urls import tracking_url

KEPT_SECONDS = 60.0
NOTED_SECONDS = 120  # outlives all that was read before the change
QUIET_SECONDS = 5.0
MOST = 10_000
OUTAGES = (OperationalError, InterfaceError, DisconnectionError, PoolTimeout)

logger = logging.getLogger(__name__)


class LinkEnded(Refusal):
    """The link was archived, or its time is over."""

    status, code = 410, "LINK_ENDED"
    message = "It leads nowhere any more. For a new one, ask whoever gave it to you"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a short link leads, and what its clicks count for."""

    slug: str
    url: str
    landing_page: str
    referrer: str
    campaign: str | None
    source: str | None
    expires_at: datetime | None
    is_archived: bool
    change: object
    read_at: float = field(default_factory=time.monotonic)

    @classmethod
    def of(cls, link: SavedLink, change: object) -> "Target":
        """Return what `link` says; `change` is the last one that was known before it was read."""
        return cls(
            link.slug,
            tracking_url(link),
            link.target,
            link.referrer,
            link.campaign,
            link.source,
            link.expires_at,
            link.archived_at is not None,
            change,
        )

    @property
    def has_ended(self) -> bool:
        """Whether it leads nowhere any more."""
        return self.is_archived or (self.expires_at is not None and self.expires_at <= now())

    @property
    def is_fresh(self) -> bool:
        """Whether it was read within the last minute."""
        return time.monotonic() - self.read_at < KEPT_SECONDS


class Targets:
    """The targets that one process knows."""

    def __init__(self) -> None:
        self.known: dict[str, Target] = {}
        self.being_read: set[str] = set()
        self.quiet_until = 0.0
        self.changes = Changes(settings().redis_url, settings().public_url, NOTED_SECONDS)


def find_target(slug: str) -> Target | None:
    """Return where the short link `slug` leads, None where there is none; raises `LinkEnded`."""
    if not is_slug(slug):
        return None
    change = _targets().changes.last_of(slug)
    found = _recall(slug, change) or _read(slug, change)
    if found is not None and found.has_ended:
        raise LinkEnded
    return found


def forget(slug: str) -> None:
    """Read the link anew when somebody next follows it, in whichever process."""
    targets = _targets()
    targets.known.pop(slug, None)
    targets.changes.note(slug)


def _targets() -> Targets:
    found: Targets | None = current_app.extensions.get("link_targets")
    return found or current_app.extensions.setdefault("link_targets", Targets())


def _recall(slug: str, change: object) -> Target | None:
    """Return what is remembered, if it is fresh and `change` is the last that it knows of.

    Also if somebody asks already, or nobody can be asked at the moment: so a database that hangs keeps one visitor
    waiting, not all.
    """
    targets = _targets()
    known = targets.known.get(slug)
    is_good = known and (
        (known.is_fresh and known.change == change)
        or slug in targets.being_read
        or time.monotonic() < targets.quiet_until
    )
    return known if is_good else None


def _read(slug: str, change: object) -> Target | None:
    targets = _targets()
    targets.being_read.add(slug)
    try:
        return _ask(slug, change, targets)
    finally:
        targets.being_read.discard(slug)


def _ask(slug: str, change: object, targets: Targets) -> Target | None:
    try:
        link = find_link(slug)
        found = Target.of(link, change) if link else None
        end_reading()  # what follows waits for a commit and needs no connection
    except OUTAGES as error:
        db.session.rollback()
        targets.quiet_until = time.monotonic() + QUIET_SECONDS
        known = targets.known.get(slug)
        if known is None:
            raise
        logger.warning("links lead where they led before: %s", type(error).__name__)
        return known
    if found is None:
        targets.known.pop(slug, None)
    else:
        if len(targets.known) >= MOST:
            targets.known.clear()
        targets.known[slug] = found
    return found
