"""`GET /api/customer/mevents/tracking/engagement/{customerId}`: what interactions tell, and who may ask."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update

from tests.conftest import MakeApp, add_customer, key_for, signed_in
from tests.mevents.stage import BODIES, ENGAGEMENT, asked, put, send
from tests.points.awarding import break_inserts, repair
from wihy.audit.models import AuditEntry
from wihy.core import clock
from wihy.core.database import db, transaction
from wihy.customers.models import Customer
from wihy.mevents.facts import EngagementAnalyzed
from wihy.mevents.models import Interaction
from wihy.notifications.models import Notification
from wihy.points import ledger
from wihy.points.models import PointsEntry
from wihy.points.pending import retry_pending

SERVICES = {"mtables", "munch", "mtxi", "in_dining", "mpark"}


def of_kind(app: Flask, model: Any, **wanted: object) -> list[Any]:
    with app.app_context():
        return list(db.session.scalars(select(model).filter_by(**wanted)))


def do(client: FlaskClient, count: int, type_: str = "ride_added", **body: object) -> None:
    for _ in range(count):
        assert send(client, type_, **body).status_code == 201


def test_metrics_add_up(app: Flask, alice: FlaskClient) -> None:
    put(
        app,
        {"kind": "event", "id": 1, "details": {"occasion": "birthday"}},
        {"kind": "event", "id": 3, "details": {"occasion": " birthday "}},
        {"kind": "event", "id": 4, "details": {"occasion": 5}},
    )
    for type_, body in BODIES.items():
        do(alice, 1, type_, **body)
    do(alice, 2, "booking_added", eventId=1)
    do(alice, 1, "order_added", eventId=3)
    do(alice, 1, eventId=4)
    answer = asked(alice)
    assert (answer.status_code, answer.json["status"]) == (200, "success")
    assert answer.json["message"] == "Engagement analyzed successfully"
    assert answer.json["data"].keys() == {"metrics", "gamificationError"}
    metrics = answer.json["data"]["metrics"]
    assert metrics == {
        "totalInteractions": 12,
        "interactionTypes": dict.fromkeys(BODIES, 1)
        | {"booking_added": 3, "order_added": 2, "ride_added": 2},
        "eventCount": 3,
        "occasions": {"birthday": 2, "other": 1},
        "services": {"mtables": 3, "munch": 2, "mtxi": 2, "in_dining": 1, "mpark": 1},
    }
    assert sum(metrics["interactionTypes"].values()) == metrics["totalInteractions"]
    assert sum(metrics["occasions"].values()) == metrics["eventCount"]


def test_only_types_that_occurred_are_told_but_all_services(alice: FlaskClient) -> None:
    do(alice, 5, "table_selected", metadata={"tableId": 1})
    metrics = asked(alice).json["data"]["metrics"]
    assert metrics["interactionTypes"] == {"table_selected": 5}
    assert metrics["services"] == dict.fromkeys(SERVICES, 0)
    assert (metrics["eventCount"], metrics["occasions"]) == (0, {})


def test_a_forgotten_event_still_counts(app: Flask, alice: FlaskClient, ada: FlaskClient) -> None:
    do(alice, 5, eventId=1)
    assert ada.delete("/api/records/event/1").status_code == 200
    metrics = asked(alice).json["data"]["metrics"]
    assert (metrics["eventCount"], metrics["occasions"]) == (1, {"other": 1})


def test_too_few_are_not_analysed(app: Flask, alice: FlaskClient) -> None:
    do(alice, 4)
    answer = asked(alice)
    assert (answer.status_code, answer.json["code"]) == (400, "INSUFFICIENT_INTERACTIONS")
    assert answer.json["message"] == "Insufficient interactions"
    assert of_kind(app, AuditEntry, action="ENGAGEMENT_ANALYZED") == []
    do(alice, 1)
    assert asked(alice).status_code == 200


def test_only_the_period_counts(app: Flask, alice: FlaskClient) -> None:
    do(alice, 10)
    with app.app_context(), transaction():
        ids = list(db.session.scalars(select(Interaction.id).order_by(Interaction.id)))
        for id_, age in zip(ids, [31, 31, 31, 29, 29, *range(5)], strict=True):
            moment = clock.now() - timedelta(days=age)
            db.session.execute(update(Interaction).where(Interaction.id == id_).values(created_at=moment))
    assert asked(alice).json["data"]["metrics"]["totalInteractions"] == 7


def test_what_counts_can_be_set(make_app: MakeApp) -> None:
    app = make_app(MIN_INTERACTIONS_FOR_ANALYSIS="1", ENGAGEMENT_PERIOD_DAYS="1")
    add_customer(app, 7, "alice@example.org")
    alice = signed_in(app, "alice@example.org")
    do(alice, 1)
    assert asked(alice).status_code == 200
    with app.app_context(), transaction():
        db.session.execute(update(Interaction).values(created_at=clock.now() - timedelta(hours=25)))
    assert asked(alice).json["code"] == "INSUFFICIENT_INTERACTIONS"


def test_high_engagement_is_awarded_once_a_period(app: Flask, alice: FlaskClient, facts: list[Any]) -> None:
    do(alice, 19, eventId=1)
    assert asked(alice).status_code == 200
    assert of_kind(app, PointsEntry, action="high_engagement") == []
    do(alice, 1)
    for _ in range(2):
        assert asked(alice).json["data"]["gamificationError"] is None
    (entry,) = of_kind(app, PointsEntry, action="high_engagement")
    assert entry.points == 20
    period = int(clock.now().timestamp()) // 86_400 // 30
    assert entry.reference in (f"engagement:{period}", f"engagement:{period - 1}")  # it may end just now
    (told,) = of_kind(app, Notification, template="high_engagement")
    assert told.details == {"interactions": 20, "events": 1, "points": 20}
    analysed = [fact for fact in facts if isinstance(fact, EngagementAnalyzed)]
    assert analysed == [EngagementAnalyzed(7, 19, 1), *[EngagementAnalyzed(7, 20, 1)] * 2]
    notes = of_kind(app, AuditEntry, action="ENGAGEMENT_ANALYZED")
    assert {(note.thing, note.actor) for note in notes} == {("customer:7", "customer:7")}


def test_who_asks_often_at_once_is_awarded_once(app: Flask, alice: FlaskClient) -> None:
    do(alice, 20)
    barrier = threading.Barrier(10)

    def one(_number: int) -> int:
        client = app.test_client()
        client.environ_base = alice.environ_base
        barrier.wait(60)
        return asked(client).status_code

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(one, range(10))) == {200}
    assert len(of_kind(app, PointsEntry, action="high_engagement")) == 1
    assert len(of_kind(app, Notification, template="high_engagement")) == 1


def test_a_day_full_of_points_is_told_once(make_app: MakeApp) -> None:
    app = make_app(MAX_POINTS_PER_DAY="0")
    add_customer(app, 7, "alice@example.org")
    alice = signed_in(app, "alice@example.org")
    do(alice, 20)
    for _ in range(2):
        assert asked(alice).json["data"]["gamificationError"] is None
    (told,) = of_kind(app, Notification, template="high_engagement")
    assert told.details["points"] == 0


def test_a_ledger_that_fails_costs_no_analysis(
    app: Flask, alice: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    do(alice, 20)

    def broken(*_: object) -> None:
        db.session.execute(db.text("SELECT no_such_column FROM points_ledger"))

    monkeypatch.setattr(ledger, "enter", broken)
    data = asked(alice).json["data"]
    assert data["metrics"]["totalInteractions"] == 20
    assert "Points could not be added" in data["gamificationError"]
    assert of_kind(app, Notification, template="high_engagement") == []


def test_an_award_that_failed_is_told_once_it_was_entered(app: Flask, alice: FlaskClient) -> None:
    now = clock.now()
    do(alice, 20)
    break_inserts(app)
    with time_machine.travel(now, tick=False):  # in one period
        assert asked(alice).json["data"]["gamificationError"]
    repair(app)
    with time_machine.travel(now + timedelta(hours=1)), app.app_context():
        retry_pending()
    with time_machine.travel(now, tick=False):
        assert [asked(alice).json["data"]["gamificationError"] for _ in range(2)] == [None, None]
    (told,) = of_kind(app, Notification, template="high_engagement")
    assert told.details["points"] == 20


def test_staff_may_ask_for_anybody_s(
    app: Flask, alice: FlaskClient, ada: FlaskClient, vera: FlaskClient, facts: list[Any]
) -> None:
    do(alice, 20)
    facts.clear()
    for client in (ada, vera):
        answer = asked(client)
        assert answer.json["data"]["metrics"]["totalInteractions"] == 20
        assert answer.json["data"]["gamificationError"] is None
        assert asked(client, 9).json["code"] == "INVALID_CUSTOMER"
    assert (facts, of_kind(app, PointsEntry, action="high_engagement")) == ([], [])
    assert of_kind(app, Notification, template="high_engagement") == []
    notes = of_kind(app, AuditEntry, action="ENGAGEMENT_ANALYZED")
    assert {note.actor.partition(":")[0] for note in notes} == {"staff"}
    assert len(notes) == 2


def test_others_may_not(app: Flask, bob: FlaskClient, alice: FlaskClient, stranger: FlaskClient) -> None:
    do(alice, 5)
    for client in (bob, key_for(app, "customers:write")):
        answer = asked(client)
        assert (answer.status_code, answer.json["code"]) == (403, "Forbidden")
    assert asked(bob, 9).status_code == 403  # whether there is one is nobody's business
    assert asked(stranger).status_code == 401


def test_a_permission_can_be_withdrawn(app: Flask, alice: FlaskClient) -> None:
    do(alice, 5)
    with app.app_context(), transaction():
        db.session.get_one(Customer, 7).denied_permissions = ["analyze_engagement"]
    assert asked(alice).status_code == 403
    assert send(alice).status_code == 201


def test_a_customer_who_is_gone_is_told(app: Flask, alice: FlaskClient, ada: FlaskClient) -> None:
    with app.app_context(), transaction():
        db.session.execute(delete(Customer).where(Customer.id == 7))
    for client in (alice, ada):
        answer = asked(client)
        assert (answer.status_code, answer.json["code"]) == (404, "INVALID_CUSTOMER")
    assert asked(alice, 8).status_code == 403


@pytest.mark.parametrize(
    "text",
    ["0", "-1", "x", "007", "7.0", "2147483648", "9" * 400, "\N{ARABIC-INDIC DIGIT SEVEN}", "%00", "7%20"],
)
def test_what_is_no_id_is_refused(alice: FlaskClient, text: str) -> None:
    answer = asked(alice, text)
    assert (answer.status_code, answer.json["code"]) == (400, "INVALID_REQUEST")
    assert answer.json["details"][0]["field"] == "customerId"


def test_nothing_else_is_there(alice: FlaskClient) -> None:
    assert alice.get(f"{ENGAGEMENT}/").status_code == 404
    assert alice.post(f"{ENGAGEMENT}/7").status_code == 405
