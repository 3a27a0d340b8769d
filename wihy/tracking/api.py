"""Capturing clicks: the one API that strangers' pages write to."""

import logging
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any

import orjson
from flask import Blueprint, Response, current_app, g, request
from werkzeug.exceptions import HTTPException

from wihy.core.access import KEY_HEADER, Kind, allow, anyone, who_asks
from wihy.core.bodies import BATCH_LIMIT, BEACON_KINDS, JSON_LIMIT, body_so_far, read_body, read_json
from wihy.core.client_address import client_address
from wihy.core.errors import Forbidden, InvalidRequest, Refusal, Unauthorized, from_http
from wihy.core.limits import QUIETLY, is_by_key, limit_by_address
from wihy.core.openapi import Answer, answers, describe
from wihy.core.origins import is_allowed
from wihy.core.waiting import apart
from wihy.tracking.answers import told
from wihy.tracking.books import FAULT_OF_OURS, Account, received
from wihy.tracking.capture import Capture
from wihy.tracking.intake import Sender, read_event, to_capture
from wihy.tracking.refusals import remember_refusals
from wihy.tracking.schemas import BatchAnswer, CaptureAnswer, NewBatch, NewEvent
from wihy.tracking.service import capture_events, enter_rejected

logger = logging.getLogger(__name__)

routes = Blueprint("tracking", __name__)

REFUSALS = (401, 403, 413, 415, 429)
MOST_IN_BATCH = 50
MOST_IN_BATCH_BY_KEY = 500
EVENTS_PER_LIMITED_REQUEST = 10
REMEMBERING_SECONDS = 10.0


def remembering(view: Callable[[Account], Any]) -> Callable[[], Any]:
    """Let `view`, which is given the request's account, judge the sending page first; remember what was refused."""

    @wraps(view)
    def watched() -> Any:
        try:
            with received() as account:
                if not is_allowed(request):
                    _read_what_it_is()
                    raise Forbidden("This origin is not allowed", code="ORIGIN_NOT_ALLOWED")
                try:
                    return view(account)
                except (Refusal, HTTPException):  # the limit of a batch has read it before its view could
                    account.expect(_events_sent())
                    raise
        except (Refusal, HTTPException) as error:
            refusal = error if isinstance(error, Refusal) else from_http(error)
            if refusal.status < FAULT_OF_OURS:
                _remember(refusal)
                enter_rejected()
            raise

    return watched


@routes.post("")
@allow(anyone)
@describe(
    json=NewEvent,
    resp=answers(
        CaptureAnswer,
        201,
        refusals=REFUSALS,
        HTTP_200=(CaptureAnswer, "Stored before: a duplicate"),
    ),
    tags=["Capture"],
)
@remembering
@limit_by_address("rate_limit_capture", exempt=is_by_key, told=QUIETLY)
def capture(account: Account) -> Answer:
    """Capture a click.

    Answered only after the event is durably stored. A repeat with the same `eventId` is stored once. The body may
    also come as `text/plain` (what `navigator.sendBeacon` sends). Known bots are stored but counted nowhere.
    """
    sender = _sender()
    event = read_json(NewEvent, kinds=BEACON_KINDS)
    [outcome] = outcomes = capture_events([to_capture(event, sender)])
    account.answer(outcomes)
    return _json({"success": True, **told(outcome)}, 200 if outcome.is_duplicate else 201)


def _batch_weight() -> int:
    """Return what a batch counts against the limit: a tenth of its events, at least one request."""
    try:
        events = _batch().events
    except Refusal:
        return 1
    return -(-len(events) // EVENTS_PER_LIMITED_REQUEST)


@routes.post("/batch")
@allow(anyone)
@describe(
    json=NewBatch,
    resp=answers(BatchAnswer, refusals=REFUSALS),
    tags=["Capture"],
)
@remembering
@limit_by_address("rate_limit_capture", cost=_batch_weight, exempt=is_by_key, told=QUIETLY)
def capture_batch(account: Account) -> Answer:
    """Capture several clicks: the good ones are stored together, the bad ones reported by their index.

    1–50 events; with an API key (scope `capture`) 1–500, which may each name the visitor's `clientIp`.
    """
    sender = _sender()
    events = _batch().events
    account.expect(len(events))
    most = MOST_IN_BATCH_BY_KEY if sender.is_program else MOST_IN_BATCH
    if len(events) > most:
        raise InvalidRequest.at("events", f"at most {most} events")
    captures, refusals = _judged(events, sender)
    results: dict[int, dict[str, Any]] = {index: {"error": _error(refusals[index])} for index in refusals}
    outcomes = capture_events(list(captures.values()))
    account.answer(outcomes, [refusal.code for refusal in refusals.values()])
    for index, outcome in zip(captures, outcomes, strict=True):
        results[index] = told(outcome)
    if refusals:
        remember_refusals([(refusal, events[index]) for index, refusal in refusals.items()])
        enter_rejected()
    in_order = [results[index] for index in range(len(events))]
    return _json(
        {
            "success": True,
            "accepted": len(captures),
            "rejected": len(refusals),
            "results": in_order,
        },
        200,
    )


def _judged(events: list[Any], sender: Sender) -> tuple[dict[int, Capture], dict[int, Refusal]]:
    """Return by index what can be captured, and what is refused."""
    captures: dict[int, Capture] = {}
    refusals: dict[int, Refusal] = {}
    for index, sent in enumerate(events):
        try:
            captures[index] = to_capture(read_event(sent), sender)
        except InvalidRequest as refusal:
            refusals[index] = refusal
    return captures, refusals


def _sender() -> Sender:
    """Return who sends the current request; a key that is shown must be good."""
    is_program = KEY_HEADER in request.headers
    if is_program:
        principal = who_asks()
        if principal.kind is not Kind.API_KEY:
            raise Unauthorized
        if "capture" not in principal.permissions:
            raise Forbidden
    return Sender.of(request.headers, client_address(), is_program=is_program)


def _batch() -> NewBatch:
    """Return the current request's batch; its body can be read only once."""
    if "batch" not in g:
        try:
            g.batch = read_json(NewBatch, limit=BATCH_LIMIT, kinds=BEACON_KINDS)
        except Refusal as refusal:
            g.batch = refusal
    if isinstance(g.batch, Refusal):
        raise g.batch
    batch: NewBatch = g.batch
    return batch


def _events_sent() -> int:
    """Return how many captures the current request brings, as far as that is known."""
    batch = g.get("batch")
    return len(batch.events) if isinstance(batch, NewBatch) else 1


def _read_what_it_is() -> None:
    """Read what a page that may not has sent, so that its partner can be told why it was not credited."""
    with suppress(Refusal, HTTPException):
        read_body(JSON_LIMIT)


def _remember(refusal: Refusal) -> None:
    """Remember that what the current request brings was refused; a store that hangs keeps no answer back for long."""
    refused = [(refusal, sent) for sent in _decoded()]
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def remember() -> None:
        with app.app_context():  # the request may end before it does
            remember_refusals(refused)

    try:
        apart(remember, REMEMBERING_SECONDS)
    except TimeoutError:
        logger.error("refused captures could not be remembered in time")


def _decoded() -> list[object]:
    """Return the captures that the current request's body holds, as far as it was read and is JSON."""
    try:
        body = orjson.loads(body_so_far() or b"")
    except orjson.JSONDecodeError:
        return [None]
    events = body.get("events") if isinstance(body, dict) else None
    return events[:MOST_IN_BATCH] if isinstance(events, list) and events else [body]


def _error(refusal: Refusal) -> dict[str, Any]:
    return {
        "code": refusal.code,
        "message": refusal.message,
        "details": refusal.details,
    }


def _json(body: dict[str, Any], status: int) -> Response:
    return Response(orjson.dumps(body), status, content_type="application/json")
