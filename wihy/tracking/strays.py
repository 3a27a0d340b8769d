"""Events that were written by others, into the table itself: they have no combination yet."""

from sqlalchemy import select

from wihy.core.database import db, transaction
from wihy.core.settings import settings
from wihy.tracking.combinations import combinations_of
from wihy.tracking.entries import texts_of
from wihy.tracking.models import Event

BATCH = 1_000


def adopt_strays() -> int:
    """Give every event without a combination its own, a thousand at a time; returns how many."""
    adopted = 0
    while True:
        with transaction(may_take_long=True):
            strays = db.session.scalars(
                select(Event).where(Event.combination_id.is_(None)).limit(BATCH)
            ).all()
            texts = {stray.id: texts_of(stray, settings().site_url) for stray in strays}
            combinations = combinations_of(set(texts.values()))
            for stray in strays:
                stray.combination_id = combinations[texts[stray.id]][0]
        if not strays:
            return adopted
        adopted += len(strays)
