"""What can be done with interactions: track one, and analyse what a customer's tell."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from wihy.audit.service import record
from wihy.core import clock
from wihy.core.database import db, insert_new
from wihy.core.facts import announce
from wihy.core.settings import settings
from wihy.customers.models import Customer, RecordKind, ServiceRecord
from wihy.customers.queries import find_customer, find_own_record
from wihy.mevents.days import take_place
from wihy.mevents.facts import EngagementAnalyzed, InteractionTracked
from wihy.mevents.models import EngagedPeriod, Interaction, InteractionType
from wihy.mevents.queries import Engagement, engagement_of
from wihy.mevents.refusals import (
    InsufficientInteractions,
    InvalidCustomer,
    InvalidEvent,
    TrackingFailed,
)
from wihy.mevents.subjects import SUBJECTS
from wihy.notifications.service import notify
from wihy.points.queries import points_for
from wihy.points.service import HIGH_ENGAGEMENT, INTERACTION, award

HIGH = 20
NOT_TO_BE_HAD = frozenset({"cancelled", "unavailable"})
DAY_SECONDS = 86_400


class Tracked(NamedTuple):
    """The id of an interaction, and why it brought no points (None: it did, or the day's limit is reached)."""

    tracking_id: int
    gamification_error: str | None


class Analysis(NamedTuple):
    """A customer's engagement, and why high engagement brought no points."""

    engagement: Engagement
    gamification_error: str | None


def track_interaction(
    customer_id: int,
    type_: InteractionType,
    *,
    event_id: int | None = None,
    record_id: int | None = None,
    details: Mapping[str, Any] | None = None,
) -> Tracked:
    """Store an interaction (flushed) with the event and the record of its type, award it, and tell the customer.

    Raises `InvalidCustomer`, `InvalidEvent`, what `SUBJECTS` say of a record that is not the customer's,
    `TrackingFailed` for one that is cancelled or unavailable, and `MaxInteractionsExceeded`, in this order.
    """
    subject = SUBJECTS[type_]
    if subject.kind is RecordKind.EVENT:
        event_id = record_id if event_id is None else event_id
    customer = _get_customer(customer_id)
    if event_id is not None:
        _check(find_own_record(RecordKind.EVENT, event_id, customer_id), InvalidEvent)
    if record_id is not None:
        _check(find_own_record(subject.kind, record_id, customer_id), subject.unknown)
    take_place(customer_id, customer.timezone)
    interaction = Interaction(
        customer_id=customer_id,
        type=str(type_),
        event_id=event_id,
        record_kind=None if record_id is None else str(subject.kind),
        record_id=record_id,
        details=dict(details or {}),
        created_at=clock.now(),
    )
    db.session.add(interaction)
    db.session.flush()
    return Tracked(interaction.id, _follow_up(interaction))


def analyse_engagement(customer_id: int, *, for_staff: bool = False) -> Analysis:
    """Return what the customer's last interactions tell; high engagement is awarded and told them once a period.

    Where it is `for_staff`, only the audit hears of it. Raises `InvalidCustomer`, `InsufficientInteractions`.
    """
    _get_customer(customer_id)
    engagement = engagement_of(customer_id)
    if engagement.total < settings().min_interactions_for_analysis:
        raise InsufficientInteractions
    counted = {"totalInteractions": engagement.total, "eventCount": engagement.event_count}
    record("ENGAGEMENT_ANALYZED", f"customer:{customer_id}", details=counted)
    if for_staff:
        return Analysis(engagement, None)
    error = _award_high(customer_id, engagement) if engagement.total >= HIGH else None
    announce(EngagementAnalyzed(customer_id, engagement.total, engagement.event_count))
    return Analysis(engagement, error)


def _get_customer(customer_id: int) -> Customer:
    customer = find_customer(customer_id)
    if customer is None:
        raise InvalidCustomer
    return customer


def _check(found: ServiceRecord | None, unknown: type[Exception]) -> None:
    if found is None:
        raise unknown
    status = (found.status or "").casefold()
    if status in NOT_TO_BE_HAD:
        raise TrackingFailed(f"{found.kind.replace('_', ' ').capitalize()} {found.id} is {status}")


def _follow_up(interaction: Interaction) -> str | None:
    """Award a new interaction and tell of it; returns why it brought no points."""
    customer_id, name = interaction.customer_id, f"interaction:{interaction.id}"
    granted = award(customer_id, INTERACTION, name)
    record(
        "INTERACTION_TRACKED",
        name,
        details={"customer": customer_id, "type": interaction.type, "event": interaction.event_id},
    )
    if granted.error is None:
        notify(customer_id, "points_awarded", {"points": granted.points})
    announce(
        InteractionTracked(interaction.id, interaction.type, interaction.event_id, interaction.customer_id)
    )
    return granted.error


def _award_high(customer_id: int, engagement: Engagement) -> str | None:
    period = int(clock.now().timestamp()) // DAY_SECONDS // settings().engagement_period_days
    key, reference = {"customer_id": customer_id, "period": period}, f"engagement:{period}"
    granted = award(customer_id, HIGH_ENGAGEMENT, reference)
    # not noted before: an award that failed now is told when it was entered meanwhile
    if granted.error is None and insert_new(EngagedPeriod, [key], EngagedPeriod.period):
        points = points_for(customer_id, HIGH_ENGAGEMENT.action, reference)
        told = {"interactions": engagement.total, "events": engagement.event_count, "points": points}
        notify(customer_id, "high_engagement", told)
    return granted.error
