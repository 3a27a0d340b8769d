"""`/api/customer/notifications`: one's own inbox, a page at a time, and what was read."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from tests.accounts.browsers import signed_in_again
from tests.conftest import MakeApp, add_customer, key_for, signed_in
from tests.notifications.telling import rows, tell, tell_of
from wihy.core import clock
from wihy.core.clock import to_text
from wihy.core.database import db, transaction
from wihy.customers.service import change_customer, get_customer
from wihy.notifications.models import Notification

PATH = "/api/customer/notifications"
NOBODYS = "019a9f5e-0000-7000-8000-000000000000"


@pytest.fixture
def bob(app: Flask) -> FlaskClient:
    """The client of customer 8."""
    add_customer(app, 8, "bob@example.org")
    return signed_in(app, "bob@example.org")


def set_language(app: Flask, language: str) -> None:
    with app.app_context(), transaction():
        change_customer(get_customer(7), {"language": language})


def test_an_inbox_without_anything(alice: FlaskClient) -> None:
    answer = alice.get(PATH)
    assert answer.status_code == 200
    assert answer.json == {
        "status": "success",
        "message": "Notifications retrieved successfully",
        "data": {"unread": 0, "notifications": [], "nextCursor": None},
    }


def test_what_was_told_is_listed_newest_first(app: Flask, alice: FlaskClient) -> None:
    tell(app, points=1)
    tell_of(app, 7, "high_engagement", {"interactions": 25, "events": 3, "points": 20})
    data = alice.get(PATH).json["data"]
    older, newer = rows(app)
    assert data["unread"] == 2
    assert data["notifications"] == [
        {
            "id": str(newer.id),
            "template": "high_engagement",
            "title": "Thank you for being so active",
            "body": "You have been very active lately: 25 interactions with 3 events. It brought you 20 points.",
            "language": "en",
            "createdAt": to_text(newer.created_at),
            "readAt": None,
        },
        {
            "id": str(older.id),
            "template": "points_awarded",
            "title": "Points received",
            "body": "Your interaction brought you 1 point.",
            "language": "en",
            "createdAt": to_text(older.created_at),
            "readAt": None,
        },
    ]


def test_a_new_language_shows_at_once_in_all_that_was_told(app: Flask, alice: FlaskClient) -> None:
    tell(app)
    told = {}
    for language in ("en", "fr", "es", "sw"):
        set_language(app, language)
        [each] = alice.get(PATH).json["data"]["notifications"]
        told[each["language"]] = each["title"]
    assert told == {
        "en": "Points received",
        "fr": "Points reçus",
        "es": "Puntos recibidos",
        "sw": "Umepokea pointi",
    }


def test_pages_neither_repeat_nor_skip_while_more_comes(app: Flask, alice: FlaskClient) -> None:
    for points in range(1, 6):
        tell(app, points=points)
    with app.app_context(), transaction():
        db.session.execute(update(Notification).values(created_at=clock.now()))  # the id decides
    seen, cursor = [], ""
    for _ in range(3):
        data = alice.get(PATH, query_string={"limit": 2, "cursor": cursor}).json["data"]
        seen += [each["body"] for each in data["notifications"]]
        assert data["unread"] >= 5
        cursor = data["nextCursor"]
        tell(app, points=100)
    assert cursor is None
    assert [body.split()[4] for body in seen] == ["5", "4", "3", "2", "1"]


def test_reading_one(app: Flask, alice: FlaskClient) -> None:
    tell(app)
    tell(app)
    [older, newer] = rows(app)
    answer = alice.post(f"{PATH}/{older.id}/read")
    assert answer.status_code == 200
    assert answer.json["status"] == "success"
    assert answer.json["data"]["unread"] == 1
    read_at = answer.json["data"]["notification"]["readAt"]
    assert read_at >= to_text(older.created_at)
    listed = {each["id"]: each["readAt"] for each in alice.get(PATH).json["data"]["notifications"]}
    assert listed == {str(older.id): read_at, str(newer.id): None}


def test_what_was_read_keeps_its_moment(app: Flask, alice: FlaskClient) -> None:
    tell(app)
    [row] = rows(app)
    earlier = clock.now() - timedelta(hours=1)
    with app.app_context(), transaction():
        db.session.execute(update(Notification).values(read_at=earlier))
    assert alice.post(f"{PATH}/{row.id}/read").json["data"]["notification"]["readAt"] == to_text(earlier)
    assert alice.post(f"{PATH}/read-all").status_code == 200
    assert [row.read_at for row in rows(app)] == [earlier]


def test_reading_all_is_reading_one_s_own(app: Flask, alice: FlaskClient, bob: FlaskClient) -> None:
    for customer_id in (7, 7, 8):
        tell(app, customer_id)
    answer = alice.post(f"{PATH}/read-all")
    assert answer.json == {
        "status": "success",
        "message": "All notifications marked as read",
        "data": {"unread": 0},
    }
    assert alice.get(PATH).json["data"]["unread"] == 0
    assert bob.get(PATH).json["data"]["unread"] == 1


def test_others_notifications_are_as_if_they_were_not(
    app: Flask, alice: FlaskClient, bob: FlaskClient
) -> None:
    tell(app, 8)
    [row] = rows(app)
    assert alice.get(PATH).json["data"]["notifications"] == []
    others = alice.post(f"{PATH}/{row.id}/read")
    nobodys = alice.post(f"{PATH}/{NOBODYS}/read")
    assert (others.status_code, others.json) == (404, nobodys.json)
    assert others.json["code"] == "NOT_FOUND"
    assert [row.read_at for row in rows(app)] == [None]


ROUTES = [("GET", PATH), ("POST", f"{PATH}/{NOBODYS}/read"), ("POST", f"{PATH}/read-all")]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_strangers_are_refused(stranger: FlaskClient, method: str, path: str) -> None:
    assert stranger.open(path, method=method).status_code == 401


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_staff_and_programs_are_no_customers(app: Flask, ada: FlaskClient, method: str, path: str) -> None:
    for client in (ada, key_for(app, "customers:write", "customers:token")):
        assert client.open(path, method=method).status_code == 403


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "cursor=x", "cursor=%00", "cursor=" + "A" * 300]
)
def test_a_query_that_cannot_be_used_is_named(alice: FlaskClient, query: str) -> None:
    answer = alice.get(f"{PATH}?{query}")
    assert (answer.status_code, answer.json["code"]) == (400, "INVALID_REQUEST")
    assert [detail["field"] for detail in answer.json["details"]] == [query.partition("=")[0]]


def test_what_is_no_id_is_nothing(alice: FlaskClient) -> None:
    assert alice.post(f"{PATH}/7/read").status_code == 404


def test_a_deactivated_customer_reads_nothing(app: Flask, alice: FlaskClient) -> None:
    with app.app_context(), transaction():
        change_customer(get_customer(7), {"active": False})
    assert alice.get(PATH).status_code == 401


def test_a_browser_s_cookie_needs_the_token_against_forgery(app: Flask, alice: FlaskClient) -> None:
    tell(app)
    browser = signed_in_again(app, "alice@example.org")
    assert browser.get(PATH).json["data"]["unread"] == 1
    assert browser.post(f"{PATH}/read-all").status_code == 400
    assert browser.get(PATH).json["data"]["unread"] == 1


@pytest.mark.parametrize("what", ["read-all", "{id}/read"])
def test_what_is_sent_again_is_done_once(app: Flask, alice: FlaskClient, what: str) -> None:
    tell(app)
    [row] = rows(app)
    path, headers = f"{PATH}/{what.format(id=row.id)}", {"Idempotency-Key": "once"}
    first = alice.post(path, headers=headers)
    tell(app)
    again = alice.post(path, headers=headers)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (again.status_code, again.json) == (200, first.json)
    assert alice.get(PATH).json["data"]["unread"] == 1


def test_each_customer_has_a_limit_of_their_own(make_app: MakeApp) -> None:
    app = make_app(RATE_LIMIT_CUSTOMER="2")
    clients = []
    for customer_id, name in ((7, "alice"), (8, "bob")):
        add_customer(app, customer_id, f"{name}@example.org")
        clients.append(signed_in(app, f"{name}@example.org"))
    her, his = clients
    assert [her.get(PATH).status_code for _ in range(3)] == [200, 200, 429]
    assert his.get(PATH).status_code == 200
