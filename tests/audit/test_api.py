"""`GET /api/audit`: who may read it, what it tells, how it is narrowed, paged and downloaded."""

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import key_for
from wihy.audit.models import AuditEntry
from wihy.audit.sealing import seal
from wihy.audit.service import forget_personal, record
from wihy.core.access import SCOPES
from wihy.core.database import db, transaction

PATH = "/api/audit"
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def write(app: Flask, *things: str, **of: Any) -> None:
    with app.app_context(), transaction():
        for thing in things:
            record("LINK_CREATED", thing, **{"actor": "staff:1", **of})


def write_at(app: Flask, at: datetime, thing: str) -> None:
    """Write an entry of another day."""
    with app.app_context(), transaction():
        db.session.add(AuditEntry(at=at, actor="staff:1", action="LINK_CREATED", thing=thing, details={}))


def listed(client: FlaskClient, **query: str | int) -> list[dict[str, Any]]:
    answer = client.get(PATH, query_string={"actor": "staff:1", **query})
    assert answer.status_code == 200, answer.text
    entries: list[dict[str, Any]] = answer.json["entries"]
    return entries


def things(client: FlaskClient, **query: str | int) -> list[str]:
    return [entry["thing"] for entry in listed(client, **query)]


def test_it_tells_who_did_what(app: Flask, ada: FlaskClient) -> None:
    write(app, "link:spring", details={"campaign": "spring"}, personal={"name": "Alice"})
    [entry] = listed(ada)
    assert entry.pop("id")
    assert entry.pop("at").endswith("Z")
    assert entry == {
        "actor": "staff:1",
        "action": "LINK_CREATED",
        "thing": "link:spring",
        "requestId": None,
        "details": {"campaign": "spring"},
        "personal": {"name": "Alice"},
        "isErased": False,
        "place": None,
    }


def test_what_was_erased_and_sealed_says_so(app: Flask, ada: FlaskClient) -> None:
    write(app, "customer:7", personal={"name": "Alice"})
    with app.app_context():
        with transaction():
            forget_personal("customer:7")
        seal()
    [entry] = listed(ada)
    assert (entry["personal"], entry["isErased"]) == ({}, True)
    assert entry["place"]


def test_the_newest_come_first_page_by_page(app: Flask, ada: FlaskClient) -> None:
    names = [f"link:{number}" for number in range(5)]
    write(app, *names)
    seen, cursor = [], ""
    while cursor is not None:
        answer = ada.get(PATH, query_string={"actor": "staff:1", "limit": 2, "cursor": cursor})
        seen += [entry["thing"] for entry in answer.json["entries"]]
        cursor = answer.json["nextCursor"]
    assert seen == names[::-1]


def test_it_is_narrowed_by_who_what_and_which(app: Flask, ada: FlaskClient) -> None:
    write(app, "link:a", "link:b", "links:c", "link")
    with app.app_context(), transaction():
        record("LINK_ARCHIVED", "link:a", actor="staff:1")
    assert things(ada, actor="staff:2") == []
    assert things(ada, action="LINK_ARCHIVED") == ["link:a"]
    assert things(ada, thing="link:a") == ["link:a", "link:a"]
    assert things(ada, thing="link") == ["link:a", "link", "link:b", "link:a"]
    assert things(ada, thing="link:a", action="LINK_CREATED") == ["link:a"]
    assert things(ada, thing="lin_") == []


def test_it_is_narrowed_by_days_of_a_zone(app: Flask, ada: FlaskClient) -> None:
    for hours in (-13, -12, 0, 11, 12):
        write_at(app, NOON + timedelta(hours=hours), f"link:{hours}")
    day = {"from": "2026-03-10", "to": "2026-03-10"}
    assert things(ada, **day) == ["link:11", "link:0", "link:-12"]
    assert things(ada, **day, tz="Africa/Nairobi") == ["link:0", "link:-12", "link:-13"]
    assert things(ada, **{"from": "2026-03-11"}) == ["link:12"]
    assert things(ada, to="2026-03-09") == ["link:-13"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "10.3.2026"}, "from"),
        ({"from": "2026-03-11", "to": "2026-03-10"}, "to"),
        ({"tz": "Mars/Olympus"}, "tz"),
        ({"cursor": "x"}, "cursor"),
        ({"limit": "201"}, "limit"),
        ({"actor": "a" * 65}, "actor"),
        ({"thing": "\0"}, "thing"),
        ({"format": "xml"}, "format"),
    ],
)
def test_what_cannot_be_asked_is_named(ada: FlaskClient, query: dict[str, str], field: str) -> None:
    answer = ada.get(PATH, query_string=query)
    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json["details"]] == [field]


def test_only_admins_read_it(
    app: Flask, vera: FlaskClient, alice: FlaskClient, stranger: FlaskClient
) -> None:
    assert vera.get(PATH).status_code == 403
    assert alice.get(PATH).status_code == 403
    assert key_for(app, *SCOPES).get(PATH).status_code == 403
    assert stranger.get(PATH).status_code == 401


def test_the_download_holds_every_entry_and_runs_nothing(app: Flask, ada: FlaskClient) -> None:
    write(app, *(f"link:{number}" for number in range(1_001)))
    write(app, "=HYPERLINK(1)", details={"a": 1}, personal={"name": "نادي"})
    answer = ada.get(PATH, query_string={"actor": "staff:1", "format": "csv"})
    assert answer.headers["Content-Disposition"] == 'attachment; filename="audit.csv"'
    rows = list(csv.DictReader(StringIO(answer.text)))
    assert len(rows) == 1_002
    assert rows[0]["thing"] == "'=HYPERLINK(1)"
    assert (rows[0]["details"], rows[0]["personal"]) == ('{"a": 1}', '{"name": "نادي"}')
    assert [row["thing"] for row in rows[1:]] == [f"link:{number}" for number in reversed(range(1_001))]
    assert rows[1]["isErased"] == "false"


def test_it_cannot_be_written_by_a_request(ada: FlaskClient) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert ada.open(PATH, method=method).status_code == 405
