"""Customers' interactions and engagement: `/api/customer/mevents/tracking`."""

from flask import Blueprint

from wihy.core.access import Kind, allow, customer, gone, staff, who_asks
from wihy.core.database import transaction
from wihy.core.errors import Forbidden, InvalidRequest
from wihy.core.idempotency import idempotent
from wihy.core.openapi import Answer, answers, spec
from wihy.customers.models import IDS, LARGEST_ID
from wihy.mevents.schemas import (
    EngagementAnswer,
    EngagementData,
    Metrics,
    NewInteraction,
    TrackedAnswer,
    TrackedData,
)
from wihy.mevents.service import analyse_engagement, track_interaction

routes = Blueprint("mevents_api", __name__)
TAGS = ["Interactions"]


@routes.post("/interactions")
@allow(customer("track_interaction"), gone)
@idempotent
@spec.validate(
    resp=answers(TrackedAnswer, 201, refusals=(401, 403, 404, 413, 415, 429)),
    tags=TAGS,
)
def track(json: NewInteraction) -> Answer:
    """Track what the signed-in customer did with an event or a service

    It brings points, once. 404 says what is not known, or not theirs: `INVALID_CUSTOMER`, `INVALID_EVENT`,
    `INVALID_SERVICE`, `INVALID_MENU_ITEM`, `INVALID_TABLE`. 400 `INTERACTION_TRACKING_FAILED`: what was named is
    cancelled or unavailable. 429 `MAX_INTERACTIONS_EXCEEDED`: no more today, `Retry-After` says until when; the day is
    the customer's own, and a new time zone holds from the next one.
    """
    tracked = track_interaction(
        int(who_asks().id),
        json.interaction_type,
        event_id=json.event_id,
        record_id=json.record_id,
        details=json.metadata,
    )
    data = TrackedData(tracking_id=tracked.tracking_id, gamification_error=tracked.gamification_error)
    return TrackedAnswer(data=data), 201


@routes.get("/engagement/<customer_id>")
@allow(customer("analyze_engagement"), gone, staff)
@spec.validate(resp=answers(EngagementAnswer, refusals=(401, 403, 404, 429)), tags=TAGS)
def analyse(customer_id: str) -> Answer:
    """Analyse a customer's engagement in the last 30 days (`ENGAGEMENT_PERIOD_DAYS`)

    Customers ask for their own: from 20 interactions on they are awarded for it, once in a period. Staff may ask for
    any. 404 `INVALID_CUSTOMER`; 400 `INSUFFICIENT_INTERACTIONS`: there were fewer than 5
    (`MIN_INTERACTIONS_FOR_ANALYSIS`).
    """
    asked, me = _id(customer_id), who_asks()
    for_staff = me.kind is Kind.STAFF
    if not for_staff and me.id != str(asked):
        raise Forbidden
    with transaction():
        engagement, error = analyse_engagement(asked, for_staff=for_staff)
    metrics = Metrics(
        total_interactions=engagement.total,
        interaction_types={str(type_): count for type_, count in engagement.types.items()},
        event_count=engagement.event_count,
        occasions=dict(engagement.occasions),
        services=engagement.services,
    )
    return EngagementAnswer(data=EngagementData(metrics=metrics, gamification_error=error))


def _id(text: str) -> int:
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST_ID))
    if not is_number or text.startswith("0") or int(text) not in IDS:
        raise InvalidRequest.at("customerId", f"use a whole number from 1 to {LARGEST_ID}")
    return int(text)
