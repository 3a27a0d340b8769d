"""A partner's numbers: what everyone, a token holder and staff see, and which tokens open nothing."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.analytics.events import Sent, store
from tests.conftest import MakeApp, add_user, signed_in
from wihy.core.capabilities import Kind, digest, issue_token
from wihy.core.clock import now, to_text
from wihy.core.database import transaction
from wihy.partners.queries import find_partner
from wihy.partners.service import PartnerExists, add_partner

PATH = "/api/tracking/engagement/partner_john"
NOON = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
EVENTS = [
    Sent(NOON, campaign="facebook_nov", landing_page="/about?ref=partner_sarah", session_id="their-session"),
    Sent(NOON - timedelta(days=1), campaign="facebook_nov"),
    Sent(NOON - timedelta(days=1), campaign="instagram_story", new_visitor=True),
    Sent(NOON - timedelta(days=3), "partner_sarah", "outbound", "sold", "/", "/", "partner_john", None, "X"),
    Sent(NOON, "partner_john", "outbound", "not_mine", "/", "/", "partner_sarah", None, "Kickstarter"),
    Sent(NOON, bot=True),
]


@pytest.fixture
def token(app: Flask) -> str:
    store(app, EVENTS)
    return new_partner(app)


def new_partner(app: Flask, expires_in: timedelta | None = timedelta(days=1)) -> str:
    with app.app_context(), transaction():
        return add_partner("partner_john", "John Smith", None, now() + expires_in if expires_in else None)[1]


def change(app: Flask, **values: Any) -> None:
    with app.app_context(), transaction():
        partner = find_partner("partner_john")
        for name, value in values.items():
            setattr(partner, name, value)


def ask(client: FlaskClient, status: int = 200, /, **query: str) -> Any:
    answer = client.get(PATH, query_string=query)
    assert answer.status_code == status, answer.text
    return json.loads(answer.text)


def reason(answer: Any) -> Any:
    assert answer["code"] == "INVALID_ACCESS_TOKEN"
    [detail] = answer["details"]
    return detail.pop("message"), detail.get("at")


def test_everyone_sees_totals_and_days(token: str, stranger: FlaskClient) -> None:
    answer = ask(stranger)
    days = answer.pop("clicksByDay")
    assert answer == {
        "trackingId": "partner_john",
        "access": "public",
        "totalClicks": 3,
        "totalConversions": 1,
        "conversionRate": 33,
        "bots": 1,
        "topCampaigns": [],
        "destinations": [],
        "recentActivity": [],
    }
    assert [day["clicks"] for day in days] == [1, 2] + 28 * [0]
    assert days[0]["date"] == str(NOON.date())


def test_a_token_opens_the_rest_in_the_address_or_as_bearer(token: str, stranger: FlaskClient) -> None:
    answer = ask(stranger, token=token)
    assert answer["access"] == "private"
    assert answer["topCampaigns"] == [
        {"campaign": "facebook_nov", "clicks": 2},
        {"campaign": "instagram_story", "clicks": 1},
    ]
    assert answer["destinations"] == [{"name": "X", "clicks": 1}]
    assert answer["recentActivity"][0] == {
        "timestamp": to_text(NOON),
        "campaign": "facebook_nov",
        "destination": "/about",
        "eventType": "inbound",
    }
    assert answer["recentActivity"][-1]["destination"] == "X"
    by_bearer = stranger.get(PATH, headers={"Authorization": f"Bearer {token}"})
    assert by_bearer.json == answer


def test_nothing_tells_of_others(token: str, stranger: FlaskClient) -> None:
    text = stranger.get(PATH, query_string={"token": token}).text
    for secret in ("partner_sarah", "kept-from-everyone", "Mozilla", "their-session", "not_mine"):
        assert secret not in text


def test_staff_see_everything_without_a_token(token: str, vera: FlaskClient) -> None:
    assert ask(vera)["access"] == "private"


def test_a_range_counts_its_days_only(token: str, stranger: FlaskClient) -> None:
    yesterday = str((NOON - timedelta(days=1)).date())
    answer = ask(stranger, **{"from": yesterday, "to": yesterday}, token=token)
    assert (answer["totalClicks"], answer["totalConversions"]) == (2, 0)
    assert answer["clicksByDay"] == [{"date": yesterday, "clicks": 2}]
    assert len(answer["recentActivity"]) == 2


def test_a_wrong_token_opens_nothing(token: str, stranger: FlaskClient, ada: FlaskClient) -> None:
    wrong = [
        "x",
        token + "x",
        token[:-1],
        digest(token),
        issue_token(Kind.PARTNER, "partner_sarah", 1, "a secret for the tests, thirty-two bytes long"),
        "é" * 43,
        "a.b.c",
        "x" * 5000,
    ]
    for text in wrong:
        assert reason(ask(stranger, 401, token=text)) == ("wrong", None)
        assert reason(ask(ada, 401, token=text)) == ("wrong", None)
    for text in ("x", "a.b.c"):
        answer = stranger.get(PATH, headers={"Authorization": f"Bearer {text}"})
        assert (answer.status_code, reason(answer.json)) == (401, ("wrong", None))


def test_a_token_of_nobody_is_wrong_too(app: Flask, stranger: FlaskClient) -> None:
    assert reason(ask(stranger, 401, token="x")) == ("wrong", None)


def test_an_expired_token_says_since_when(app: Flask, token: str, stranger: FlaskClient) -> None:
    at = now() - timedelta(seconds=1)
    change(app, expires_at=at)
    assert reason(ask(stranger, 401, token=token)) == ("expired", to_text(at))
    assert ask(stranger)["access"] == "public"


def test_a_revoked_token_says_since_when(app: Flask, token: str, stranger: FlaskClient) -> None:
    at = now()
    change(app, is_active=False, revoked_at=at, expires_at=at - timedelta(days=1))
    assert reason(ask(stranger, 401, token=token)) == ("revoked", to_text(at))
    change(app, revoked_at=None)
    assert reason(ask(stranger, 401, token=token)) == ("revoked", None)


def test_a_replaced_token_is_revoked(app: Flask, token: str, stranger: FlaskClient) -> None:
    newer = issue_token(Kind.PARTNER, "partner_john", 2, "a secret for the tests, thirty-two bytes long")
    change(app, token_version=2, access_token=digest(newer))
    assert reason(ask(stranger, 401, token=token)) == ("revoked", None)
    assert ask(stranger, token=newer)["access"] == "private"


def test_a_token_outlives_a_new_jwt_secret(make_app: MakeApp) -> None:
    token = new_partner(make_app(), expires_in=None)
    later = make_app(JWT_SECRET="quite another secret, thirty-two bytes")
    assert ask(later.test_client(), token=token)["access"] == "private"


def test_public_engagement_can_be_switched_off(make_app: MakeApp) -> None:
    app = make_app(PUBLIC_ENGAGEMENT="off")
    token = new_partner(app)
    add_user(app, "vera@example.org")
    assert reason(ask(app.test_client(), 401)) == ("missing", None)
    assert ask(app.test_client(), token=token)["access"] == "private"
    assert ask(signed_in(app, "vera@example.org"))["access"] == "private"


def test_an_id_of_nothing_is_not_found_and_a_partner_without_events_is(
    app: Flask, stranger: FlaskClient
) -> None:
    store(app, [Sent(NOON, bot=True)])
    assert ask(stranger, 404)["code"] == "NOT_FOUND"
    new_partner(app)
    answer = ask(stranger)
    assert (answer["totalClicks"], answer["bots"], len(answer["clicksByDay"])) == (0, 1, 30)


def test_bad_days_are_refused(stranger: FlaskClient) -> None:
    assert ask(stranger, 400, tz="nowhere", **{"from": "9999-12-31"})["code"] == "INVALID_REQUEST"


def test_an_address_may_ask_so_often_a_minute(make_app: MakeApp) -> None:
    client = make_app(RATE_LIMIT_ANALYTICS="2").test_client()
    assert [client.get(PATH).status_code for _ in range(3)] == [404, 404, 429]


def test_a_tracking_id_is_given_once(app: Flask) -> None:
    new_partner(app)
    with pytest.raises(PartnerExists):
        new_partner(app)
