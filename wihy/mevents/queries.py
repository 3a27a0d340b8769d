"""Reading interactions: what they tell of a customer's engagement, and the latest of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased

from wihy.core import clock
from wihy.core.database import db
from wihy.core.settings import settings
from wihy.customers.models import RecordKind, ServiceRecord
from wihy.mevents.models import Interaction, InteractionType
from wihy.mevents.subjects import SERVICES

OTHER = "other"
LONGEST_OCCASION = 64


class Engagement(NamedTuple):
    """What a customer did in a period: interactions by type, and the events they were for by occasion."""

    types: Mapping[InteractionType, int]
    occasions: Mapping[str, int]

    @property
    def total(self) -> int:
        """How many interactions there were."""
        return sum(self.types.values())

    @property
    def event_count(self) -> int:
        """How many different events they were for."""
        return sum(self.occasions.values())

    @property
    def services(self) -> dict[str, int]:
        """How many were for each service, all five of them."""
        return {service: self.types.get(type_, 0) for type_, service in SERVICES.items()}


class Activity(NamedTuple):
    """An interaction as its customer remembers it: with what, for which event, by their names if they have any."""

    id: int
    type: InteractionType
    at: datetime
    event_id: int | None
    event_name: str | None
    record_name: str | None


class ActivityPage(NamedTuple):
    """Some of a customer's interactions, and the id behind which the next ones begin (None: there are no more)."""

    activities: Sequence[Activity]
    next_cursor: int | None


def engagement_of(customer_id: int) -> Engagement:
    """Return what the customer did in the last `ENGAGEMENT_PERIOD_DAYS`."""
    since = clock.now() - timedelta(days=settings().engagement_period_days)
    theirs = (Interaction.customer_id == customer_id, Interaction.created_at > since)
    counted = select(Interaction.type, func.count()).where(*theirs).group_by(Interaction.type)
    types = {InteractionType(type_): count for type_, count in db.session.execute(counted)}
    named = (
        select(Interaction.event_id).where(*theirs, Interaction.event_id.is_not(None)).distinct().subquery()
    )
    event, is_event = _event_of(customer_id, named.c.event_id)
    occasions = select(event.details["occasion"]).select_from(named).outerjoin(event, is_event)
    return Engagement(types, Counter(_occasion(given) for given in db.session.scalars(occasions)))


def list_activity(customer_id: int, *, limit: int, after: int | None = None) -> ActivityPage:
    """Return at most `limit` interactions of the customer with ids below `after`, the newest first."""
    event, is_event = _event_of(customer_id, Interaction.event_id)
    thing = aliased(ServiceRecord)
    is_thing = and_(
        thing.kind == Interaction.record_kind,
        thing.id == Interaction.record_id,
        or_(thing.customer_id == customer_id, thing.customer_id.is_(None)),
    )
    found = (
        select(Interaction, event.details["name"], thing.details["name"])
        .outerjoin(event, is_event)
        .outerjoin(thing, is_thing)
        .where(Interaction.customer_id == customer_id)
        .order_by(Interaction.id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        found = found.where(Interaction.id < after)
    rows = db.session.execute(found).all()
    activities = [_activity(*row) for row in rows[:limit]]
    return ActivityPage(activities, activities[-1].id if len(rows) > limit else None)


def _event_of(customer_id: int, event_id: Any) -> tuple[type[ServiceRecord], ColumnElement[bool]]:
    """Return the table of the customer's events, and how to join it to `event_id`; events may be forgotten by now."""
    event = aliased(ServiceRecord)
    of_kind = event.kind == str(RecordKind.EVENT)
    return event, and_(of_kind, event.id == event_id, event.customer_id == customer_id)


def _activity(interaction: Interaction, event_name: object, record_name: object) -> Activity:
    return Activity(
        interaction.id,
        InteractionType(interaction.type),
        interaction.created_at,
        interaction.event_id,
        _text(event_name),
        _text(record_name),
    )


def _occasion(given: object) -> str:
    return (_text(given) or OTHER)[:LONGEST_OCCASION]


def _text(given: object) -> str | None:
    """Return what a host application wrote in an open field, if that is a text that says something."""
    return (given.strip() or None) if isinstance(given, str) else None
