"""The staff's figures by example: its keys, filters, ranges, who may, and what is refused."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from tests.analytics.events import Sent, store
from wihy.core.database import db, transaction
from wihy.core.ids import new_id
from wihy.partners.service import add_partner
from wihy.tracking.models import Event

PATHS = ["/api/tracking/stats", "/api/tracking/referrer/partner_john", "/api/tracking/events"]
NOON = datetime(2024, 12, 16, 12, tzinfo=UTC)
CLICK = Sent(NOON, new_visitor=True)
CONVERSION = Sent(
    NOON + timedelta(hours=1),
    event_type="outbound",
    campaign="instagram_story",
    landing_page="/about?x=1",
    original_source="facebook",
    destination_url="https://www.kickstarter.com/p",
    destination="Kickstarter",
    link="trail",
)
BOT = Sent(NOON + timedelta(hours=2), bot=True)


def stats(client: FlaskClient, **query: str) -> Any:
    answer = client.get(PATHS[0], query_string={name.rstrip("_"): value for name, value in query.items()})
    assert answer.status_code == 200, answer.text
    return json.loads(answer.text)


def test_the_answer_has_all_its_keys(app: Flask, vera: FlaskClient) -> None:
    store(app, [CLICK, CONVERSION, BOT])
    with app.app_context(), transaction():
        add_partner("partner_john", "John Smith", None, None)
    answer = stats(vera)
    series = answer.pop("series")
    recent = answer.pop("recent")
    counts = {"clicks": 1, "conversions": 0, "visitors": 1, "events": 1}
    converted = {"clicks": 0, "conversions": 1, "visitors": 0, "events": 1}
    assert answer == {
        "totalEvents": 2,
        "byReferrer": {"partner_john": 2},
        "byCampaign": {"facebook_nov": 1, "instagram_story": 1},
        "byLandingPage": {"/about": 2},
        "totals": {
            "clicks": 1,
            "conversions": 1,
            "conversionRate": 100,
            "visitors": 1,
            "events": 2,
            "bots": 1,
        },
        "previous": None,
        "byPartner": [
            {"id": "facebook", "name": None, **converted},
            {"id": "partner_john", "name": "John Smith", **counts},
        ],
        "byDestination": [{"name": "Kickstarter", **converted}],
        "bySource": [{"name": "facebook", **converted}, {"name": "partner_john", **counts}],
    }
    assert len(series) == 30
    assert recent[0] == {
        "id": str(CONVERSION.id),
        "referrer": "partner_john",
        "campaign": "instagram_story",
        "timestamp": "2024-12-16T13:00:00.000Z",
        "landingPage": "/about?x=1",
        "originalSource": "facebook",
        "destinationUrl": "https://www.kickstarter.com/p",
        "eventType": "outbound",
    }
    assert [event["id"] for event in recent] == [str(CONVERSION.id), str(CLICK.id)]


def test_nothing_stored_is_all_zeros(vera: FlaskClient) -> None:
    answer = stats(vera, to="2024-12-16", compare="year")
    assert set(answer["totals"].values()) == set(answer["previous"].values()) == {0}
    assert answer["byReferrer"] == {}
    assert [point["at"][:16] for point in answer["series"]][:1] == ["2024-12-16T00:00"]


@pytest.mark.parametrize(("clicks", "conversions", "rate"), [(8, 1, 13), (40, 1, 3), (3, 1, 33), (1, 3, 300)])
def test_the_rate_rounds_half_up_and_may_exceed_100(
    app: Flask, vera: FlaskClient, clicks: int, conversions: int, rate: int
) -> None:
    outbound = Sent(NOON, event_type="outbound", destination="X")
    store(
        app,
        [Sent(NOON) for _ in range(clicks)] + [replace(outbound, id=new_id()) for _ in range(conversions)],
    )
    assert stats(vera)["totals"]["conversionRate"] == rate


def test_what_others_stored_without_a_type_is_a_click_everywhere(app: Flask, vera: FlaskClient) -> None:
    store(app, [CLICK])
    with app.app_context(), transaction():
        db.session.execute(update(Event).values(event_type=None))
    day = "2024-12-16"
    answer = stats(vera, from_=day, to=day, tz="Asia/Kathmandu", referrer="partner_john")
    assert answer["totals"]["clicks"] == 1
    assert sum(point["clicks"] for point in answer["series"]) == 1


def test_maps_hold_the_first_hundred(app: Flask, vera: FlaskClient) -> None:
    store(app, [Sent(NOON, campaign=f"c{n:03}") for n in range(120)] + [Sent(NOON, campaign="c119")])
    assert list(stats(vera)["byCampaign"]) == ["c119", *(f"c{n:03}" for n in range(99))]


def test_a_range_with_one_end_reaches_to_today_or_the_first_event(app: Flask, vera: FlaskClient) -> None:
    store(app, [CLICK, CONVERSION])
    until = stats(vera, to="2024-12-20")
    assert [point["at"] for point in until["series"]] == [
        f"2024-12-{day}T00:00:00+00:00" for day in range(16, 21)
    ]
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
    assert len(stats(vera, from_=str(yesterday - timedelta(days=1)))["series"]) == 3
    ahead = stats(vera, from_="2090-01-01", tz="Pacific/Kiritimati")
    assert [point["at"] for point in ahead["series"]][:1] == ["2090-01-01T00:00:00+14:00"]
    assert len(ahead["series"]) == 24


def test_an_outbound_event_belongs_to_who_first_brought_the_visitor(app: Flask, vera: FlaskClient) -> None:
    store(app, [CLICK, CONVERSION])
    assert stats(vera, partner="facebook")["totals"]["conversions"] == 1
    assert stats(vera, partner="partner_john")["totals"]["events"] == 1
    assert stats(vera, referrer="partner_john")["totals"]["events"] == 2


def test_the_referrer_answer_has_the_seeds_keys(app: Flask, vera: FlaskClient) -> None:
    store(app, [CLICK, CONVERSION, BOT])
    answer = vera.get("/api/tracking/referrer/partner_john").json
    assert (answer["referrerId"], answer["totalClicks"]) == ("partner_john", 1)
    assert answer["campaigns"] == {"facebook_nov": 1}
    assert answer["nextCursor"] is None
    [event] = answer["events"]
    assert {"id", "campaign", "timestamp", "landingPage", "eventType"} <= event.keys()
    unknown = vera.get("/api/tracking/referrer/nobody").json
    assert (unknown["totalClicks"], unknown["campaigns"], unknown["events"]) == (0, {}, [])


def test_staff_see_everything_of_an_event_but_its_address(app: Flask, vera: FlaskClient) -> None:
    store(app, [CONVERSION, BOT])
    answer = vera.get("/api/tracking/events?bots=1")
    assert "kept-from-everyone" not in answer.text
    assert [event["bot"] for event in answer.json["events"]] == [True, False]
    event = answer.json["events"][1]
    assert (event["link"], event["userAgent"], event["newVisitor"]) == ("trail", "Mozilla/5.0", False)
    assert len(vera.get("/api/tracking/events").json["events"]) == 1


@pytest.mark.parametrize("path", PATHS)
def test_staff_may_and_strangers_may_not(
    app: Flask, ada: FlaskClient, vera: FlaskClient, stranger: FlaskClient, path: str
) -> None:
    assert ada.get(path).status_code == 200
    assert vera.get(path).status_code == 200
    answer = stranger.get(path)
    assert (answer.status_code, answer.json["code"]) == (401, "UNAUTHORIZED")
    assert stranger.get(path, query_string={"tz": "nowhere"}).status_code == 401


def test_a_key_reads_stats_and_nothing_else(app: Flask, ada: FlaskClient, stranger: FlaskClient) -> None:
    made = ada.post("/api/keys", json={"name": "reader", "scopes": ["stats:read"]})
    other = ada.post("/api/keys", json={"name": "other", "scopes": ["capture"]})
    by_key = {"X-Api-Key": made.json["key"]}
    assert stranger.get(PATHS[0], headers=by_key).status_code == 200
    assert [stranger.get(path, headers=by_key).status_code for path in PATHS[1:]] == [403, 403]
    assert stranger.get(PATHS[0], headers={"X-Api-Key": other.json["key"]}).status_code == 403


HOSTILE = [
    {"tz": "Mars/Olympus"},
    {"tz": "../../etc/passwd"},
    {"tz": "/etc/localtime"},
    {"tz": "europe/berlin"},
    {"tz": "UTC\0"},
    {"tz": "x" * 5000},
    {"from": "0001-01-01", "tz": "Pacific/Kiritimati"},
    {"to": "9999-12-31", "tz": "Pacific/Pago_Pago"},
    {"from": "2024-02-30"},
    {"from": "2024-2-3"},
    {"from": "20240203"},
    {"from": "1700000000"},
    {"from": "٢٠٢٤-٠١-٠١"},  # noqa: RUF001 - Arabic digits
    {"from": "2024-01-01T00:00:00Z"},
    {"to": "yesterday"},
    {"from": "2024-02-02", "to": "2024-02-01"},
    {"compare": "last"},
    {"eventType": "sideways"},
    {"campaign": "\0"},
    {"campaign": "x" * 3000},
]


@pytest.mark.parametrize("path", PATHS)
def test_bad_questions_are_refused_by_name(vera: FlaskClient, path: str) -> None:
    for query in HOSTILE:
        answer = vera.get(path, query_string=query)
        assert (answer.status_code, answer.json["code"]) == (400, "INVALID_REQUEST"), query
        assert {detail["field"] for detail in answer.json["details"]} <= query.keys(), query


def test_all_problems_are_told_at_once(vera: FlaskClient) -> None:
    answer = vera.get(PATHS[0], query_string={"from": "x", "to": "y", "tz": "z", "compare": "w"})
    assert {detail["field"] for detail in answer.json["details"]} == {"from", "to", "tz", "compare"}


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "201"},
        {"limit": "x"},
        {"cursor": "x"},
        {"cursor": "é"},
        {"cursor": "f" + "_" * 31},  # a moment no calendar reaches
        {"cursor": "A" * 3000},
    ],
)
def test_bad_pages_are_refused(vera: FlaskClient, query: dict[str, str]) -> None:
    for path in PATHS[1:]:
        answer = vera.get(path, query_string=query)
        assert (answer.status_code, answer.json["details"][0]["field"]) == (400, next(iter(query)))


@pytest.mark.parametrize("who", ["a b", "é", "a.b", "x" * 256, "%00", "a%0a"])
def test_what_cannot_be_an_id_is_refused(vera: FlaskClient, who: str) -> None:
    assert vera.get(f"/api/tracking/referrer/{who}").status_code == 400
    assert vera.get(f"/api/tracking/engagement/{who}").status_code == 400


def test_strange_but_harmless_questions_are_answered(app: Flask, vera: FlaskClient) -> None:
    store(app, [CLICK])
    for query in (
        {"campaign": "' OR 1=1 --"},
        {"campaign": "%", "unknown": "1"},
        {"from": "", "tz": "", "compare": "", "campaign": ""},
        {"from": "1970-01-01", "to": "2099-12-31", "tz": "Pacific/Apia", "compare": "previous"},
        {"referrer": "\N{GRINNING FACE}" * 500},
    ):
        for path in PATHS:
            assert vera.get(path, query_string=query).status_code == 200, query
