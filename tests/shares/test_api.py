"""Sharing by the API: works, member, outsider, stranger, bad input, wrong state."""

from datetime import timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import MakeApp, add_user, signed_in
from tests.shares.sharing import API, CAMPAIGN, opened, share, status_of
from wihy.core.clock import now, to_text
from wihy.core.database import db
from wihy.shares.models import ShareLink


def test_a_share_is_made_and_its_link_shown_this_once(app: Flask, ada: FlaskClient) -> None:
    made = share(ada, expiresInDays=7)
    assert made["success"] is True
    assert made["url"] == f"http://localhost/share/{made['token']}"
    assert len(made["token"]) == 43
    told = made["share"]
    assert (told["name"], told["filters"], told["status"]) == ("For the agency", CAMPAIGN, "active")
    assert (told["createdBy"], told["lastSeenAt"], told["revokedAt"]) == ("ada@example.org", None, None)
    assert to_text(now() + timedelta(days=7, minutes=-1)) < told["expiresAt"] <= to_text(now() + timedelta(7))
    assert ada.get(API).json["shares"] == [told]
    assert made["token"] not in ada.get(API).text
    with app.app_context():
        row = db.session.get(ShareLink, UUID(told["id"]))
        assert row
        assert row.token_digest == sha256(made["token"].encode()).hexdigest()
        assert row.capability.find_token() == made["token"]


def test_it_lasts_thirty_days_unless_told(ada: FlaskClient) -> None:
    ends_at = share(ada)["share"]["expiresAt"]
    assert to_text(now() + timedelta(days=30, minutes=-1)) < ends_at <= to_text(now() + timedelta(days=30))


def test_all_filters_of_the_dashboard_can_be_locked(ada: FlaskClient) -> None:
    filters = {
        "partner": "lumen",
        "referrer": "lumen",
        "campaign": "a b",
        "landingPage": "/x",
        "originalSource": "x",
        "destination": "Kickstarter",
        "eventType": "outbound",
        "link": "trail",
    }
    assert share(ada, filters)["share"]["filters"] == filters
    assert share(ada, {"campaign": "x", "partner": ""})["share"]["filters"] == {"campaign": "x"}


def test_viewers_read_and_write_nothing(ada: FlaskClient, vera: FlaskClient) -> None:
    made = share(ada)
    assert [one["id"] for one in vera.get(API).json["shares"]] == [made["share"]["id"]]
    assert made["token"] not in vera.get(API).text
    assert vera.post(API, json={"name": "x", "filters": CAMPAIGN}).status_code == 403
    assert vera.delete(f"{API}/{made['share']['id']}").status_code == 403
    assert vera.get(API).json["shares"][0]["status"] == "active"


def test_what_an_admin_grants_is_not_enough(app: Flask, ada: FlaskClient) -> None:
    add_user(app, "sam@example.org", permissions=("partners:write", "links:write", "support:write"))
    sam = signed_in(app, "sam@example.org")
    assert sam.post(API, json={"name": "x", "filters": CAMPAIGN}).status_code == 403


def test_keys_are_not_admitted(app: Flask, ada: FlaskClient) -> None:
    key = ada.post("/api/keys", json={"name": "x", "scopes": ["stats:read"]}).json["key"]
    outsider = app.test_client()
    for answer in (
        outsider.get(API, headers={"X-Api-Key": key}),
        outsider.post(API, json={"name": "x", "filters": CAMPAIGN}, headers={"X-Api-Key": key}),
        outsider.delete(f"{API}/{uuid4()}", headers={"X-Api-Key": key}),
    ):
        assert answer.status_code == 403


def test_strangers_are_told_to_sign_in(ada: FlaskClient, app: Flask) -> None:
    made, stranger = share(ada), app.test_client()
    path = f"{API}/{made['share']['id']}"
    assert [stranger.get(API).status_code, stranger.delete(path).status_code] == [401, 401]
    assert stranger.post(API, json={"name": "x", "filters": CAMPAIGN}).status_code == 401
    bearer = {"Authorization": f"Bearer {made['token']}"}
    assert stranger.get(API, headers=bearer).status_code == 401


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"filters": CAMPAIGN}, "name"),
        ({"name": "  ", "filters": CAMPAIGN}, "name"),
        ({"name": "x" * 256, "filters": CAMPAIGN}, "name"),
        ({"name": "a\nb", "filters": CAMPAIGN}, "name"),
        ({"name": "x"}, "filters"),
        ({"name": "x", "filters": {}}, "filters"),
        ({"name": "x", "filters": {"campaign": ""}}, "filters"),
        ({"name": "x", "filters": []}, "filters"),
        ({"name": "x", "filters": {"period": "all"}}, "filters.period"),
        ({"name": "x", "filters": {"eventType": "sideways"}}, "filters.eventType"),
        ({"name": "x", "filters": {"campaign": "a\0"}}, "filters.campaign"),
        ({"name": "x", "filters": {"campaign": 5}}, "filters.campaign"),
        ({"name": "x", "filters": {"campaign": "x" * 2049}}, "filters.campaign"),
        ({"name": "x", "filters": CAMPAIGN, "expiresInDays": 0}, "expiresInDays"),
        ({"name": "x", "filters": CAMPAIGN, "expiresInDays": 366}, "expiresInDays"),
        ({"name": "x", "filters": CAMPAIGN, "expiresInDays": "30"}, "expiresInDays"),
        ({"name": "x", "filters": CAMPAIGN, "token": "mine"}, "token"),
    ],
)
def test_bad_input_is_told_by_field(ada: FlaskClient, body: dict[str, object], field: str) -> None:
    answer = ada.post(API, json=body)
    assert (answer.status_code, answer.json["code"]) == (400, "INVALID_REQUEST")
    assert [detail["field"] for detail in answer.json["details"]] == [field]
    assert ada.get(API).json["shares"] == []


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 201}, {"cursor": "x"}])
def test_a_bad_page_is_told(ada: FlaskClient, query: dict[str, object]) -> None:
    assert ada.get(API, query_string=query).status_code == 400


def test_revoking_ends_it_once_and_for_good(app: Flask, ada: FlaskClient) -> None:
    made = share(ada)
    browser, path = opened(app, made["token"])
    answer = ada.delete(f"{API}/{made['share']['id']}")
    assert (answer.status_code, answer.json["share"]["status"]) == (200, "revoked")
    revoked_at = answer.json["share"]["revokedAt"]
    assert revoked_at
    again = ada.delete(f"{API}/{made['share']['id']}")
    assert (again.status_code, again.json["share"]["revokedAt"]) == (200, revoked_at)
    assert browser.get(path).status_code == 401


@pytest.mark.parametrize("share_id", ["01a1f95b-834d-7e68-b5f7-7f977732f8e4", "x", "1", "0" * 43])
def test_what_is_not_there_cannot_be_revoked(ada: FlaskClient, share_id: str) -> None:
    assert ada.delete(f"{API}/{share_id}").status_code == 404


def test_the_list_is_paged_newest_first(ada: FlaskClient) -> None:
    made = [share(ada, name=str(number))["share"]["id"] for number in range(5)]
    seen, cursor = [], ""
    while cursor is not None:
        page = ada.get(API, query_string={"limit": 2, "cursor": cursor}).json
        seen += [one["id"] for one in page["shares"]]
        cursor = page["nextCursor"]
    assert seen == made[::-1]


def test_a_share_outlives_the_account_that_made_it(app: Flask, ada: FlaskClient) -> None:
    id_ = add_user(app, "bea@example.org", "admin")
    made = share(signed_in(app, "bea@example.org"))
    assert ada.patch(f"/api/users/{id_}", json={"isActive": False}).status_code == 200
    browser, path = opened(app, made["token"])
    assert browser.get(path).status_code == 200
    assert status_of(app, made["share"]["id"])["createdBy"] == "bea@example.org"


def test_a_new_secret_ends_no_link(make_app: MakeApp) -> None:
    app = make_app()
    add_user(app, "ada@example.org", "admin")
    token = share(signed_in(app, "ada@example.org"))["token"]
    changed = make_app(JWT_SECRET="quite another secret, also thirty-two bytes")
    assert opened(changed, token)
