"""Answers kept for who asks again with the same `Idempotency-Key`: the table, and what is done with it.

Of what was asked only digests are kept. An answer is stored in the transaction of the work it tells of.
"""

import math
from datetime import datetime, timedelta

from flask import Response
from sqlalchemy import LargeBinary, SmallInteger, String, delete, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, mapped_column

from wihy.core import clock
from wihy.core.columns import UtcDateTime
from wihy.core.database import Base, db, is_postgresql, transaction, wait_for_turn
from wihy.core.errors import TooManyRequests
from wihy.core.jobs import Job, is_stopping
from wihy.core.turns import OutOfPatience

KEPT = timedelta(hours=24)
LARGEST = 32 * 1024
AT_ONCE = 1_000
LOCK_NOT_AVAILABLE = "55P03"
RETRY_AFTER = "Retry-After"


class KeptAnswer(Base):
    """What was answered to who asked (`scope`: principal, method, path and key) for what (`request`); digests, both."""

    __tablename__ = "kept_answers"

    scope: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    request: Mapped[bytes] = mapped_column(LargeBinary(32))
    status: Mapped[int] = mapped_column(SmallInteger)
    content_type: Mapped[str] = mapped_column(String(64))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    def to_response(self) -> Response:
        """Return the answer once more; one that says when to come back says how long that is from now."""
        response = Response(self.body, self.status, content_type=self.content_type)
        if self.status == TooManyRequests.status:
            left = (self.expires_at - clock.now()).total_seconds()
            response.headers[RETRY_AFTER] = str(max(1, math.ceil(left)))
        return response


def wait_for_scope(scope: bytes, seconds: float) -> None:
    """Let one transaction at a time, of all processes, answer in `scope`; raises `OutOfPatience` after `seconds`."""
    if not is_postgresql():  # writers take turns anyway
        return
    milliseconds = str(max(1, int(seconds * 1000)))
    db.session.execute(select(func.set_config("lock_timeout", milliseconds, True)))
    try:
        wait_for_turn(f"answer {scope.hex()}")
    except OperationalError as error:
        if getattr(error.orig, "pgcode", None) == LOCK_NOT_AVAILABLE:
            raise OutOfPatience from None
        raise
    db.session.execute(text("SET LOCAL lock_timeout TO DEFAULT"))


def find_kept(scope: bytes) -> KeptAnswer | None:
    """Return what was answered in `scope` lately."""
    found = select(KeptAnswer).where(KeptAnswer.scope == scope, KeptAnswer.expires_at > clock.now())
    return db.session.scalar(found.execution_options(populate_existing=True))


def keep(scope: bytes, request: bytes, response: Response) -> None:
    """Keep `response` for 24 hours; one that says when to come back, until then.

    A refusal that is very long is not kept: it is the same when it is made again. Raises `ValueError` for any other
    answer of more than 32 KiB: work whose answer cannot be kept must not be done.
    """
    body = response.get_data()
    if len(body) > LARGEST:
        if response.status_code >= 400:
            return
        raise ValueError(f"an answer of {len(body)} bytes cannot be kept")
    wait = response.headers.get(RETRY_AFTER, type=int)
    lives = KEPT if wait is None else min(KEPT, timedelta(seconds=wait))
    db.session.execute(delete(KeptAnswer).where(KeptAnswer.scope == scope))  # one that has expired
    db.session.add(
        KeptAnswer(
            scope=scope,
            request=request,
            status=response.status_code,
            content_type=response.content_type,
            body=body,
            expires_at=clock.now() + lives,
        )
    )
    db.session.flush()


def forget_expired() -> None:
    """Delete what is kept no longer, some at a time: others want to write too."""
    expired = select(KeptAnswer.scope).where(KeptAnswer.expires_at <= clock.now()).limit(AT_ONCE)
    while not is_stopping():
        with transaction():
            deleted = db.session.scalars(
                delete(KeptAnswer).where(KeptAnswer.scope.in_(expired)).returning(KeptAnswer.scope)
            ).all()
        if len(deleted) < AT_ONCE:
            return


JOBS = (Job("kept answers clean-up", timedelta(hours=1), forget_expired),)
