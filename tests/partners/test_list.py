"""The list of partners: what they brought, who is active, who was seen, page by page."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.analytics.events import Sent, store
from wihy.core.clock import now
from wihy.core.database import transaction
from wihy.partners.queries import find_partner
from wihy.partners.service import add_partner, revoke_partner

LIST = "/api/tracking/partners"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def add(app: Flask, *names: str, **fields: Any) -> None:
    with app.app_context(), transaction():
        for name in names:
            partner = add_partner(name, f"{name.title()} Media", f"{name}@example.com", None).partner
            for field, value in fields.items():
                setattr(partner, field, value)


def ids(client: FlaskClient, **query: str) -> list[str]:
    answer = client.get(LIST, query_string=query)
    assert answer.status_code == 200, answer.text
    return [partner["trackingId"] for partner in answer.json["partners"]]


def test_each_stands_with_what_they_brought(app: Flask, vera: FlaskClient) -> None:
    store(
        app,
        [
            *(Sent(NOON, "anna", new_visitor=number < 2) for number in range(11)),
            *(Sent(NOON, "berta", new_visitor=True) for _ in range(2)),
            Sent(NOON, "berta", "outbound", original_source="anna", destination="X"),
            Sent(NOON, "anna", bot=True),
        ],
    )
    add(app, "anna", "berta", "carla")
    found = {one["trackingId"]: one for one in vera.get(LIST).json["partners"]}
    shown = {
        name: tuple(one[key] for key in ("clicks", "visitors", "conversions", "inflated"))
        for name, one in found.items()
    }
    assert shown == {"anna": (11, 2, 1, True), "berta": (2, 2, 0, False), "carla": (0, 0, 0, False)}
    assert found["anna"] | {"id": "", "createdAt": ""} == {
        "id": "",
        "trackingId": "anna",
        "partnerName": "Anna Media",
        "email": "anna@example.com",
        "language": None,
        "createdAt": "",
        "isActive": True,
        "status": "active",
        "expiresAt": None,
        "revokedAt": None,
        "lastSeenAt": None,
        "clicks": 11,
        "visitors": 2,
        "conversions": 1,
        "inflated": True,
    }


def test_a_partner_whose_visitors_all_came_first_by_others_is_not_flagged_for_few_clicks(
    app: Flask, vera: FlaskClient
) -> None:
    store(app, [Sent(NOON, "anna") for _ in range(5)] + [Sent(NOON, "berta") for _ in range(6)])
    add(app, "anna", "berta")
    found = {one["trackingId"]: one["inflated"] for one in vera.get(LIST).json["partners"]}
    assert found == {"anna": False, "berta": True}


def test_pages_neither_repeat_nor_skip(app: Flask, vera: FlaskClient) -> None:
    with time_machine.travel(NOON, tick=False):  # all at one moment: the id decides
        add(app, "a", "b", "c", "d", "e")
    seen, cursor = [], ""
    for _ in range(3):
        answer = vera.get(LIST, query_string={"limit": "2", "cursor": cursor}).json
        seen += [partner["trackingId"] for partner in answer["partners"]]
        cursor = answer["nextCursor"]
    assert (sorted(seen), cursor) == (["a", "b", "c", "d", "e"], None)


def test_a_search_takes_ids_names_and_mail_as_they_are_written(app: Flask, vera: FlaskClient) -> None:
    add(app, "anna", "berta_100", "carla")
    assert ids(vera, q="ANNA") == ["anna"]
    assert ids(vera, q="berta_100 M") == ["berta_100"]
    assert ids(vera, q="a@example") == ["carla", "anna"]
    assert ids(vera, q="_") == ["berta_100"]
    assert ids(vera, q="%") == []


def test_active_are_those_whose_link_opens_their_page_now(app: Flask, vera: FlaskClient) -> None:
    add(app, "lasting")
    add(app, "running", expires_at=now() + timedelta(hours=1))
    add(app, "expired", expires_at=now() - timedelta(seconds=1))
    add(app, "revoked", "unknown", is_active=None)
    with app.app_context(), transaction():
        revoke_partner("revoked")
    assert ids(vera, active="true") == ["running", "lasting"]
    assert ids(vera, active="false") == ["unknown", "revoked", "expired"]
    assert len(ids(vera)) == 5
    states = {one["trackingId"]: (one["isActive"], one["status"]) for one in vera.get(LIST).json["partners"]}
    assert states["expired"] == (False, "expired")
    assert states["revoked"] == (False, "revoked")


def test_who_looks_at_their_page_was_seen_once_a_minute_at_most(app: Flask, stranger: FlaskClient) -> None:
    with app.app_context(), transaction():
        token = add_partner("anna", None, None, None).token

    def last_seen() -> datetime | None:
        with app.app_context():
            partner = find_partner("anna")
            assert partner
            return partner.last_seen_at

    page = {"query_string": {"token": token}}
    with time_machine.travel(NOON, tick=False) as clock:
        app.test_client().get("/engagement/anna")
        stranger.get("/api/tracking/engagement/anna")
        assert last_seen() is None
        for seconds, written in ((0, 0), (59, 0), (1, 60)):
            clock.shift(timedelta(seconds=seconds))
            app.test_client().get("/api/tracking/engagement/anna", **page)
            assert last_seen() == NOON + timedelta(seconds=written)
        clock.shift(timedelta(minutes=5))
        app.test_client().get("/engagement/anna", **page, follow_redirects=True)
        assert last_seen() == NOON + timedelta(minutes=6)


def test_all_staff_may_read_it_and_nobody_else(
    app: Flask, ada: FlaskClient, vera: FlaskClient, stranger: FlaskClient
) -> None:
    assert [ada.get(LIST).status_code, vera.get(LIST).status_code] == [200, 200]
    assert stranger.get(LIST).status_code == 401
    key = ada.post("/api/keys", json={"name": "CRM", "scopes": ["partners:write"]}).json["key"]
    assert stranger.get(LIST, headers={"X-Api-Key": key}).status_code == 403


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "active=perhaps", "cursor=x", "q=%00", "limit=x"])
def test_a_bad_address_is_told(vera: FlaskClient, query: str) -> None:
    answer = vera.get(f"{LIST}?{query}")
    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json["details"]] == [query.partition("=")[0]]
