"""When a capability link was last looked through: to the minute, so that looking costs few writes."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from wihy.core.clock import now
from wihy.core.columns import UtcDateTime
from wihy.core.database import db, transaction

logger = logging.getLogger(__name__)

SEEN_EVERY = timedelta(minutes=1)


class Visited:
    """The columns that rows of such links have for it."""

    id: Mapped[UUID]
    last_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def remember_visit(row: Visited) -> None:
    """Write down that the link of `row` is looked through now, if that is a minute ago; a failure is only logged."""
    moment = now()
    if row.last_seen_at is not None and moment - row.last_seen_at < SEEN_EVERY:
        return
    model = type(row)
    long_ago = or_(model.last_seen_at.is_(None), model.last_seen_at <= moment - SEEN_EVERY)
    try:
        with transaction():
            db.session.execute(update(model).where(model.id == row.id, long_ago).values(last_seen_at=moment))
    except SQLAlchemyError:
        logger.warning("could not write down that a link is looked through", exc_info=True)
