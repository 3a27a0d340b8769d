"""Loading the sample data: many rows at once, in the forms that captures take."""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from typing import cast

from sqlalchemy import Table, insert, select

from wihy.core.database import db, transaction
from wihy.core.settings import settings
from wihy.demo.generator import Generator, Row
from wihy.tracking.combinations import CombinationTexts, combinations_of
from wihy.tracking.figures import rebuild_day
from wihy.tracking.hours import enter_lacking
from wihy.tracking.models import Event
from wihy.tracking.normalise import destination_name, landing_page_in_figures

BATCH = 5_000
TABLE = cast(
    Table, Event.__table__
)  # the mapped class would sort rows by which columns are null, and write them apart


def load(count: int, seed: int, end: datetime) -> Iterator[int]:
    """Store `count` sample events that end at `end`; yields after each batch how many it stored.

    Pages that are open hear nothing of it: this is history.
    """
    rows = Generator(count, seed, end).rows()
    days: set[date] = set()
    while batch := list(islice(rows, BATCH)):
        with transaction(may_take_long=True):
            _store(batch)
        days |= {row["timestamp"].date() for row in batch}
        yield len(batch)
    for day in sorted(days):
        with transaction(may_take_long=True):
            rebuild_day(day)
    with transaction(may_take_long=True):
        enter_lacking()


def has_events() -> bool:
    """Whether anything was ever captured here."""
    return db.session.scalar(select(Event.id).limit(1)) is not None


def _store(rows: list[Row]) -> None:
    texts = [_texts(row) for row in rows]
    combinations = combinations_of(set(texts))
    for row, its_texts in zip(rows, texts, strict=True):
        row["combination_id"], _ = combinations[its_texts]
    db.session.execute(insert(TABLE), rows)


def _texts(row: Row) -> CombinationTexts:
    return CombinationTexts(
        referrer=row["referrer"],
        original_source=row["original_source"],
        campaign=row["campaign"],
        landing_page=landing_page_in_figures(row["landing_page"], settings().site_url),
        destination=destination_name(row["destination_url"]),
        event_type=row["event_type"],
        link_slug=row["link_slug"],
    )
