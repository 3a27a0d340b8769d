"""Sessions: one row for each sign-in. Whoever ends the row ends every token of it."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, not_, select, update

from wihy.accounts.facts import SessionsEnded
from wihy.accounts.models import Session
from wihy.audit.service import record
from wihy.core import clock
from wihy.core.database import db
from wihy.core.errors import NotFound
from wihy.core.facts import announce
from wihy.core.settings import settings

MOST_LISTED = 100
SEEN_EVERY = timedelta(minutes=1)


def open_session(principal: str, user_agent: str) -> Session:
    """Store a new session of `principal` (`staff:<uuid>`); its dead ones go."""
    db.session.execute(delete(Session).where(Session.principal == principal, not_(_is_live())))
    now = clock.now()
    browser = "".join(filter(str.isprintable, user_agent))[:255]
    session = Session(principal=principal, created_at=now, last_seen_at=now, user_agent=browser)
    db.session.add(session)
    db.session.flush()
    return session


def find_live_session(session_id: UUID) -> Session | None:
    """Return the session if it has neither ended nor been idle for `SESSION_TIMEOUT_HOURS`."""
    found = select(Session).where(Session.id == session_id, _is_live())
    return db.session.scalar(found.execution_options(populate_existing=True))


def list_sessions(principal: str) -> Sequence[Session]:
    """Return the live sessions of `principal`, the one seen last first."""
    mine = select(Session).where(Session.principal == principal, _is_live())
    newest_first = mine.order_by(Session.last_seen_at.desc(), Session.id.desc()).limit(MOST_LISTED)
    return db.session.scalars(newest_first.execution_options(populate_existing=True)).all()


def is_due(session: Session) -> bool:
    """Whether it is time to write down again that `session` is in use."""
    return clock.now() - session.last_seen_at >= SEEN_EVERY


def note_use(session_id: UUID) -> None:
    """Write down that the session is in use now."""
    due = and_(Session.id == session_id, Session.last_seen_at <= clock.now() - SEEN_EVERY)
    db.session.execute(update(Session).where(due).values(last_seen_at=clock.now()))


def end_session(principal: str, session_id: UUID, *, is_own: bool = False) -> None:
    """End one session of `principal`, `is_own` by signing out of it; raises `NotFound`."""
    if not _end(and_(Session.principal == principal, Session.id == session_id)):
        raise NotFound
    record("SIGNED_OUT" if is_own else "SESSION_ENDED", principal, details={"session_id": session_id})


def end_sessions(principal: str, *, actor: str | None = None) -> None:
    """End all sessions of `principal`; `actor` does, where that is not who sends the request."""
    ended = _end(Session.principal == principal)
    if ended:
        record("SESSIONS_ENDED", principal, actor=actor, details={"sessions": ended})


def _end(which: ColumnElement[bool]) -> int:
    """End those sessions; returns how many there were."""
    ending = update(Session).where(which, Session.ended_at.is_(None)).values(ended_at=clock.now())
    ended = tuple(db.session.scalars(ending.returning(Session.id)))
    if ended:
        announce(SessionsEnded(ended))
    return len(ended)


def _is_live() -> ColumnElement[bool]:
    idle_since = clock.now() - timedelta(hours=settings().session_timeout_hours)
    return and_(Session.ended_at.is_(None), Session.last_seen_at > idle_since)
