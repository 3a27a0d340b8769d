"""Saved links on the links page, without JavaScript."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from tests.accounts.browsers import a_browser, send_form
from tests.conftest import signed_in
from tests.dashboard.reading import page_of, rows, words
from tests.links.saving import PATH as API
from tests.links.saving import save
from tests.tracking.captures import a_capture
from wihy.core.clock import now
from wihy.core.database import db, transaction
from wihy.links.service import NewLink, create_link
from wihy.partners.service import add_partner
from wihy.tracking.service import capture_events

PAGE = "/tracking-admin"
FORM = {"referrer": "lumen", "campaign": "autumn", "source": "", "target": "https://shop.example/a?b=1"}


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    """A browser in which an admin has signed in."""
    return a_browser(app, "ada@example.org", "admin")


def stored(app: Flask) -> list[dict[str, object]]:
    links: list[dict[str, object]] = signed_in(app, "ada@example.org").get(API).json["links"]
    return links


def send(browser: FlaskClient, path: str = f"{PAGE}/links", **fields: str) -> TestResponse:
    return send_form(browser, path, **FORM | {"slug": "", "ends": ""} | fields)


def test_without_any_it_says_what_they_are_for(vera: FlaskClient) -> None:
    assert "No saved links yet" in page_of(vera, PAGE)
    assert "Nothing archived" in page_of(vera, PAGE, links="archived")
    assert "Nothing found" in page_of(vera, PAGE, q="x")


def test_what_the_generator_made_is_saved(app: Flask, browser: FlaskClient) -> None:
    answer = send(browser, slug="trail", ends="30")
    assert (answer.status_code, answer.location) == (303, f"{PAGE}#saved-links")
    [link] = stored(app)
    assert (link["slug"], link["target"], link["source"]) == ("trail", FORM["target"], None)
    assert link["expiresAt"] is not None
    page = page_of(browser, PAGE)
    assert "Saved http://localhost/l/trail." in page
    [row] = rows(page)
    assert row.startswith("localhost/l/trail")
    assert "lumen autumn shop.example/a 0" in row


def test_a_slug_by_chance_and_no_end(app: Flask, browser: FlaskClient) -> None:
    assert send(browser).status_code == 303
    [link] = stored(app)
    assert (len(str(link["slug"])), link["expiresAt"]) == (7, None)


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"slug": "taken"}, 409, "Is taken, try another"),
        ({"slug": "a b"}, 400, "Use 3 to 64 letters, digits, _ or -"),
        ({"slug": "api"}, 400, "This word is kept for WIHY itself"),
        ({"referrer": "no id"}, 400, "Use letters, digits, _ and -, at most 255"),
        ({"target": "javascript:x"}, 400, "Start with http:// or https://"),
        ({"ends": "5"}, 400, "Choose one of the list"),
    ],
)
def test_what_is_refused_is_said_and_nothing_typed_is_lost(
    app: Flask, browser: FlaskClient, fields: dict[str, str], status: int, said: str
) -> None:
    send(browser, slug="taken")
    answer = send(browser, **fields)
    assert answer.status_code == status
    assert said in words(answer.text)
    assert f'value="{fields.get("slug", "")}" placeholder="by chance"' in answer.text
    assert f'name="target" value="{fields.get("target", FORM["target"])}"' in answer.text
    assert len(stored(app)) == 1


def test_the_curve_shows_the_28_days_before_today(app: Flask, browser: FlaskClient) -> None:
    send(browser, slug="trail")
    with app.app_context():
        capture_events(
            [
                a_capture(timestamp=now() - timedelta(days=days), link_slug=slug)
                for days, slug in (
                    (0, "trail"),
                    (1, "trail"),
                    (1, "trail"),
                    (28, "trail"),
                    (29, "trail"),
                    (1, None),
                )
            ]
        )
    page = page_of(browser, PAGE)
    assert "3 clicks in the 28 days before today" in page
    [points] = re.findall(r'<polyline points="([^"]+)"', page)
    heights = [float(point.split(",")[1]) for point in points.split()]
    assert heights == [9.0, *[18.0] * 12, 0.0]  # of 18: the top is 0


def test_a_long_list_asks_the_database_no_more_than_a_short_one(app: Flask, browser: FlaskClient) -> None:
    asked: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))

    def count(path: str) -> int:
        page_of(browser, path)
        asked.clear()
        page_of(browser, path)
        return len(asked)

    send(browser, slug="trail")
    paths = (PAGE, f"{PAGE}/partners")
    short = [count(path) for path in paths]
    with app.app_context(), transaction():
        for number in range(60):
            add_partner(f"partner_{number}", None, None, None)
            create_link(NewLink(referrer=f"partner_{number}"))
    assert [count(path) for path in paths] == short


def test_the_list_names_partners_and_counts_clicks(
    app: Flask, browser: FlaskClient, vera: FlaskClient
) -> None:
    send(browser, slug="trail")
    with app.app_context():
        with transaction():
            add_partner("lumen", "Lumen Podcast", None, None)
        capture_events([a_capture(link_slug="trail"), a_capture(link_slug="trail")])
    page = page_of(vera, PAGE)
    [row] = rows(page)
    assert "Lumen Podcast autumn shop.example/a 0 clicks in the 28 days before today 2" in row
    assert "/tracking-dashboard?link=trail&period=all" in page
    assert page_of(vera, "/tracking-dashboard", link="trail", period="all")


def test_it_is_searched_and_paged(app: Flask, browser: FlaskClient) -> None:
    ada = signed_in(app, "ada@example.org")
    for number in range(21):
        save(ada, slug=f"link-{number:02}")
    page = page_of(browser, PAGE)
    assert len(rows(page)) == 20
    older = re.search(r'href="([^"]+)" rel="next"', page)
    assert older
    assert [row.split()[0] for row in rows(browser.get(older[1]).text)] == ["localhost/l/link-00"]
    assert len(rows(page_of(browser, PAGE, q="link-07"))) == 1


def test_archive_and_back(app: Flask, browser: FlaskClient) -> None:
    send(browser, slug="trail")
    assert send_form(browser, f"{PAGE}/links/trail/archive").location == f"{PAGE}#saved-links"
    assert "No saved links yet" in page_of(browser, PAGE)
    assert browser.get("/l/trail").status_code == 410
    assert len(rows(page_of(browser, PAGE, links="archived"))) == 1
    send_form(browser, f"{PAGE}/links/trail/restore")
    assert browser.get("/l/trail").status_code == 302


def test_a_link_is_changed(app: Flask, browser: FlaskClient) -> None:
    send(browser, slug="trail", ends="7")
    before = stored(app)[0]["expiresAt"]
    changed = FORM | {"target": "https://b.example/", "campaign": "", "ends": "keep"}
    answer = send_form(browser, f"{PAGE}/links/trail", **changed)
    assert (answer.status_code, answer.location) == (303, f"{PAGE}/links/trail")
    [link] = stored(app)
    assert (link["target"], link["campaign"], link["expiresAt"]) == ("https://b.example/", None, before)
    send_form(browser, f"{PAGE}/links/trail", **changed | {"ends": ""})
    assert stored(app)[0]["expiresAt"] is None


def test_a_wrong_change_is_said_and_kept_to_be_mended(app: Flask, browser: FlaskClient) -> None:
    send(browser, slug="trail")
    answer = send_form(browser, f"{PAGE}/links/trail", **FORM | {"target": "x", "ends": "keep"})
    assert answer.status_code == 400
    assert "Start with http:// or https://" in answer.text
    assert 'name="target" type="url" value="x"' in answer.text
    assert stored(app)[0]["target"] == FORM["target"]


def test_viewers_see_links_and_change_none(app: Flask, browser: FlaskClient) -> None:
    send(browser, slug="trail")
    reader = a_browser(app, "vera@example.org")
    for path in (PAGE, f"{PAGE}/links/trail"):
        page = reader.get(path).text
        assert "/l/trail" in page
        assert f'action="{PAGE}/links' not in page
    for path in (f"{PAGE}/links", f"{PAGE}/links/trail", f"{PAGE}/links/trail/archive"):
        assert send(reader, path).status_code == 403


@pytest.mark.parametrize("path", [f"{PAGE}/links", f"{PAGE}/links/nothing", f"{PAGE}/links/nothing/archive"])
def test_forms_need_their_token_and_a_link(app: Flask, browser: FlaskClient, path: str) -> None:
    assert browser.post(path, data=FORM).status_code == 400
    if "nothing" in path:
        assert send(browser, path).status_code == 404
        assert browser.get(f"{PAGE}/links/nothing").status_code == 404
    assert stored(app) == []


def test_addresses_of_forms_lead_to_their_pages(browser: FlaskClient) -> None:
    assert browser.get(f"{PAGE}/links").location == f"{PAGE}#saved-links"
    assert browser.get(f"{PAGE}/links/trail/archive").location == f"{PAGE}/links/trail"


def test_the_generators_link_is_drawn(vera: FlaskClient, stranger: FlaskClient) -> None:
    svg = vera.get(f"{PAGE}/qr.svg", query_string=FORM)
    assert (svg.status_code, svg.mimetype) == (200, "image/svg+xml")
    assert vera.get(f"{PAGE}/qr.png", query_string=FORM).data.startswith(b"\x89PNG")
    assert vera.get(f"{PAGE}/qr.svg?referrer=no+id").status_code == 400
    long = {"referrer": "lumen", "target": "https://shop.example/" + "a" * 2000, "campaign": "ü" * 255}
    assert "too long for a QR code" in vera.get(f"{PAGE}/qr.svg", query_string=long).text
    assert stranger.get(f"{PAGE}/qr.svg", query_string=FORM).status_code == 302
