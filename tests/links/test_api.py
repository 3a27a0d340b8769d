"""Saving, listing, changing and archiving links by the API."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import MakeApp, add_user, signed_in
from tests.links.saving import LINK, PATH, fields_of, save
from tests.tracking.captures import a_capture
from tests.tracking.test_senders import add_key
from wihy.core.clock import now, to_text
from wihy.links.slugs import ALPHABET, RESERVED
from wihy.tracking.service import capture_events

TRACKING_URL = "https://shop.example/autumn?lang=en&ref=lumen&utm_campaign=autumn&utm_source=wihy&utm_medium=referral#top"


def test_a_link_is_saved_under_a_slug_by_chance(lena: FlaskClient) -> None:
    told = save(lena)
    assert len(told["slug"]) == 7
    assert set(told["slug"]) <= set(ALPHABET)
    assert told["shortUrl"] == f"http://localhost/l/{told['slug']}"
    assert told["trackingUrl"] == TRACKING_URL
    assert told["success"] is True
    assert (told["archived"], told["expiresAt"], told["source"], told["clicks"]) == (False, None, None, 0)
    assert save(lena)["slug"] != told["slug"]


def test_a_link_is_saved_under_ones_own_slug(ada: FlaskClient) -> None:
    ends_at = to_text(now() + timedelta(days=3))
    told = save(ada, slug="Trail-autumn_1", source="newsletter", expiresAt=ends_at)
    assert (told["slug"], told["source"], told["expiresAt"]) == ("Trail-autumn_1", "newsletter", ends_at)
    assert "utm_source=newsletter" in told["trackingUrl"]
    assert ada.get(f"{PATH}/Trail-autumn_1").json == told


def test_without_a_target_it_leads_to_the_default(make_app: MakeApp) -> None:
    app = make_app(DEFAULT_DESTINATION="https://marketed.example/start")
    add_user(app, "ada@example.org", "admin")
    answer = signed_in(app, "ada@example.org").post(PATH, json={"referrer": "lumen"})
    assert answer.json["target"] == "https://marketed.example/start"


def test_a_slug_is_given_once_and_never_again(lena: FlaskClient) -> None:
    save(lena, slug="trail")
    lena.patch(f"{PATH}/trail", json={"archived": True})
    answer = lena.post(PATH, json={**LINK, "slug": "trail"})
    assert (answer.status_code, answer.json["code"]) == (409, "SLUG_TAKEN")
    assert answer.json["details"][0]["field"] == "slug"
    assert save(lena, slug="Trail")["slug"] == "Trail"


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"slug": "ab"}, "slug"),
        ({"slug": "a" * 65}, "slug"),
        ({"slug": "a/b"}, "slug"),
        ({"slug": "grün"}, "slug"),
        ({"slug": "trail\n"}, "slug"),
        *(({"slug": word.upper()}, "slug") for word in sorted(RESERVED)),
        ({"referrer": "no id"}, "referrer"),
        ({"referrer": None}, "referrer"),
        ({"campaign": ""}, "campaign"),
        ({"campaign": "a\0"}, "campaign"),
        ({"source": "s" * 256}, "source"),
        ({"target": "javascript:alert(1)"}, "target"),
        ({"target": "//evil.example"}, "target"),
        ({"target": "/path"}, "target"),
        ({"target": "https://a.example/\r\nSet-Cookie: x=1"}, "target"),
        ({"target": "https://evil.example\\@shop.example/"}, "target"),
        ({"target": "https://shop.example/" + "a" * 2048}, "target"),
        ({"target": "http://localhost/l/other"}, "target"),
        ({"target": 5}, "target"),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, "expiresAt"),
        ({"expiresAt": "tomorrow"}, "expiresAt"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_what_cannot_be_a_link_is_refused(ada: FlaskClient, fields: dict[str, Any], wrong: str) -> None:
    assert fields_of(ada.post(PATH, json={**LINK, **fields})) == [wrong]
    assert ada.get(PATH).json["links"] == []


def test_every_problem_is_told_at_once(ada: FlaskClient) -> None:
    assert fields_of(ada.post(PATH, json={"slug": "a", "target": "x"})) == ["target", "referrer", "slug"]


def test_lists_are_paged_and_filtered(lena: FlaskClient) -> None:
    slugs = [save(lena, slug=f"link-{number}", campaign=f"c{number}")["slug"] for number in range(5)]
    lena.patch(f"{PATH}/link-3", json={"archived": True})

    def listed(**query: str) -> list[str]:
        found: list[str] = []
        cursor = None
        while True:
            page = lena.get(PATH, query_string={**query, **({"cursor": cursor} if cursor else {})}).json
            found += [link["slug"] for link in page["links"]]
            cursor = page["nextCursor"]
            if cursor is None:
                return found

    assert listed() == slugs[::-1]
    assert listed(limit="2") == slugs[::-1]
    assert listed(archived="true") == ["link-3"]
    assert listed(archived="false", limit="1") == ["link-4", "link-2", "link-1", "link-0"]
    assert listed(q="C4") == ["link-4"]
    assert listed(q="%") == []


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "cursor=x", "archived=maybe"])
def test_a_wrong_question_is_refused(vera: FlaskClient, query: str) -> None:
    assert vera.get(f"{PATH}?{query}").status_code == 400


def test_clicks_are_counted_without_bots(app: Flask, lena: FlaskClient) -> None:
    save(lena, slug="trail")
    save(lena, slug="other")
    with app.app_context():
        capture_events(
            [a_capture(link_slug="trail"), a_capture(link_slug="trail", campaign="b"), a_capture()]
        )
        capture_events([a_capture(link_slug="trail", is_bot=True)])
    assert {link["slug"]: link["clicks"] for link in lena.get(PATH).json["links"]} == {"trail": 2, "other": 0}
    assert lena.get("/api/tracking/stats?link=trail").json["totals"]["clicks"] == 2


def test_ids_of_links_stay_beyond_the_days_limit_of_texts(make_app: MakeApp) -> None:
    app = make_app(MAX_COMBINATIONS_PER_DAY="1")
    add_user(app, "ada@example.org", "admin")
    ada = signed_in(app, "ada@example.org")
    save(ada, referrer="lumen", source="newsletter")
    with app.app_context():
        capture_events([a_capture()])
        capture_events([a_capture(referrer="lumen", original_source="newsletter")])
        capture_events([a_capture(referrer="invented", original_source="invented too")])
    stats = ada.get("/api/tracking/stats").json
    assert stats["byReferrer"] == {"partner_john": 1, "lumen": 1, "(other)": 1}
    assert {row["name"] for row in stats["bySource"]} == {"partner_john", "newsletter", "(other)"}


def test_changes_change_what_they_name(lena: FlaskClient) -> None:
    before = save(lena, slug="trail", source="newsletter")
    told = lena.patch(f"{PATH}/trail", json={"target": "https://b.example/", "campaign": None}).json
    assert told["trackingUrl"] == "https://b.example/?ref=lumen&utm_source=newsletter&utm_medium=referral"
    assert (told["slug"], told["createdAt"], told["campaign"]) == ("trail", before["createdAt"], None)
    assert lena.get(f"{PATH}/trail").json == told


def test_a_link_is_archived_and_comes_back(lena: FlaskClient) -> None:
    save(lena, slug="trail")
    assert lena.patch(f"{PATH}/trail", json={"archived": True}).json["archived"] is True
    assert lena.patch(f"{PATH}/trail", json={"archived": True}).json["archived"] is True
    assert lena.patch(f"{PATH}/trail", json={"archived": False}).json["archived"] is False


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"slug": "another"}, "slug"),
        ({"referrer": None}, "referrer"),
        ({"target": None}, "target"),
        ({"archived": "yes"}, "archived"),
        ({"archived": None}, "archived"),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, "expiresAt"),
    ],
)
def test_what_cannot_be_changed_is_refused(lena: FlaskClient, changes: dict[str, Any], wrong: str) -> None:
    before = save(lena, slug="trail")
    assert fields_of(lena.patch(f"{PATH}/trail", json=changes)) == [wrong]
    assert lena.get(f"{PATH}/trail").json == before


@pytest.mark.parametrize("path", ["/nothing", "/a", "/%00", "/nothing/qr.svg"])
def test_unknown_links_are_not_found(lena: FlaskClient, path: str) -> None:
    assert lena.get(PATH + path).status_code == 404


def test_codes_are_pictures_of_the_short_address(lena: FlaskClient) -> None:
    save(lena, slug="trail")
    svg, png = (lena.get(f"{PATH}/trail/qr.{kind}") for kind in ("svg", "png"))
    assert (svg.mimetype, png.mimetype) == ("image/svg+xml", "image/png")
    assert b"<svg" in svg.data
    assert png.data.startswith(b"\x89PNG")
    assert lena.get(f"{PATH}/trail/qr.gif").status_code == 404


def test_who_may(app: Flask, stranger: FlaskClient, vera: FlaskClient, lena: FlaskClient) -> None:
    save(lena, slug="trail")
    key = app.test_client()
    key.environ_base["HTTP_X_API_KEY"] = add_key(app, "capture", "stats:read", "partners:write")["X-Api-Key"]
    reads = ["", "/trail", "/trail/qr.svg"]
    for client, status in ((stranger, 401), (key, 403), (vera, 200), (lena, 200)):
        assert [client.get(PATH + path).status_code for path in reads] == [status] * 3
    for client, status in ((stranger, 401), (key, 403), (vera, 403)):
        assert client.post(PATH, json=LINK).status_code == status
        assert client.patch(f"{PATH}/trail", json={"archived": True}).status_code == status
