"""Sharing on the staff's page, without JavaScript."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.accounts.browsers import a_browser, send_form
from tests.conftest import signed_in
from tests.dashboard.reading import links, page_of, rows, words
from tests.shares.sharing import API, CAMPAIGN, opened, share
from tests.tracking.captures import a_capture
from wihy.core.clock import now
from wihy.core.database import transaction
from wihy.partners.service import add_partner
from wihy.tracking.service import capture_events

PAGE = "/tracking-dashboard/shares"
FORM = {"name": "For the agency", "expiresInDays": "7"}


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    """A browser in which an admin has signed in."""
    return a_browser(app, "ada@example.org", "admin")


def stored(app: Flask) -> list[dict[str, object]]:
    shares: list[dict[str, object]] = signed_in(app, "ada@example.org").get(API).json["shares"]
    return shares


def test_the_dashboard_leads_to_it_with_its_filters(app: Flask, browser: FlaskClient) -> None:
    with app.app_context():
        capture_events([a_capture()])
    for path, query in (
        ("/tracking-dashboard?campaign=autumn_launch&period=7d", "period=7d&campaign=autumn_launch"),
        ("/tracking-dashboard/referrers/lumen", "partner=lumen"),
    ):
        [to] = [link for link in links(browser.get(path).text.replace("&amp;", "&")) if PAGE in link]
        assert sorted(to.partition("?")[2].split("&")) == sorted(query.split("&"))


def test_the_button_says_what_one_may_do(app: Flask, browser: FlaskClient, vera: FlaskClient) -> None:
    with app.app_context():
        capture_events([a_capture()])
    assert 'title="Share this view"' in page_of(browser, "/tracking-dashboard")
    for path in ("/tracking-dashboard", "/tracking-dashboard/referrers/lumen"):
        assert 'title="Shared dashboards"' in page_of(vera, path)


def test_a_share_is_made_of_the_filters_in_the_address(app: Flask, browser: FlaskClient) -> None:
    with app.app_context(), transaction():
        add_partner("lumen", "Lumen Podcast", None, None)
    form = page_of(browser, PAGE, partner="lumen", campaign="autumn_launch")
    assert 'value="Lumen Podcast, autumn_launch"' in form
    assert 'value="30"' in form
    answer = send_form(browser, f"{PAGE}?partner=lumen&campaign=autumn_launch", **FORM)
    assert answer.status_code == 200
    assert (answer.headers["Cache-Control"], answer.headers["Referrer-Policy"]) == (
        "private, no-store",
        "no-referrer",
    )
    found = re.search(r'<code id="new-link">http://localhost/share/([\w-]{43})</code>', answer.text)
    assert found
    guest, path = opened(app, found[1])
    assert guest.get(path).status_code == 200
    [row] = rows(page_of(browser, PAGE))
    assert row.startswith(
        "For the agency Partner or source is Lumen Podcast , Campaign is autumn_launch Active until"
    )
    assert row.endswith("ada@example.org Revoke")
    [made] = stored(app)
    assert made["filters"] == {"partner": "lumen", "campaign": "autumn_launch"}
    assert found[1] not in page_of(browser, PAGE)


@pytest.mark.parametrize(
    ("query", "fields", "said"),
    [
        ("?campaign=a", {"name": " "}, "Use 1 to 255 printable characters"),
        ("?campaign=a", {"expiresInDays": "0"}, "Choose 1 to 365 days"),
        ("?campaign=a", {"expiresInDays": "366"}, "Choose 1 to 365 days"),
        ("?campaign=a", {"expiresInDays": "a week"}, "Choose 1 to 365 days"),
        ("", {}, "Choose at least one filter"),
        ("?period=7d", {}, "Choose at least one filter"),
    ],
)
def test_what_is_refused_is_said_and_nothing_typed_is_lost(
    app: Flask, browser: FlaskClient, query: str, fields: dict[str, str], said: str
) -> None:
    sent = FORM | fields
    answer = send_form(browser, PAGE + query, **sent)
    assert (answer.status_code, said in words(answer.text)) == (400, True)
    if "campaign" in query:
        assert f'value="{sent["name"]}"' in answer.text
        assert f'value="{sent["expiresInDays"]}"' in answer.text
    assert stored(app) == []


def test_a_bad_filter_in_the_address_is_told(browser: FlaskClient) -> None:
    assert browser.get(f"{PAGE}?eventType=sideways").status_code == 400
    assert send_form(browser, f"{PAGE}?eventType=sideways", **FORM).status_code == 400
    assert browser.get(f"{PAGE}?cursor=x").status_code == 400


def test_one_click_revokes(app: Flask, browser: FlaskClient) -> None:
    made = share(signed_in(app, "ada@example.org"))
    guest, path = opened(app, made["token"])
    revoke = f"{PAGE}/{made['share']['id']}/revoke"
    assert f'action="{revoke}"' in page_of(browser, PAGE)
    answer = send_form(browser, revoke)
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert guest.get(path).status_code == 401
    page = page_of(browser, PAGE)
    assert "Revoked: the link of For the agency opens nothing any more." in page
    assert "Revoked" in rows(page)[0]
    assert revoke not in page
    assert browser.get(revoke).location == PAGE
    assert send_form(browser, f"{PAGE}/{uuid4()}/revoke").status_code == 404


def test_without_a_filter_it_asks_for_one(browser: FlaskClient, vera: FlaskClient) -> None:
    page = page_of(browser, PAGE)
    assert "No filter yet: choose at least one." in page
    assert "Nothing shared yet" in page
    assert "Make the link" not in page


def test_viewers_see_shares_and_change_none(app: Flask, browser: FlaskClient) -> None:
    made = share(signed_in(app, "ada@example.org"))
    reader = a_browser(app, "vera@example.org")
    page = page_of(reader, PAGE, **CAMPAIGN)
    assert "For the agency" in page
    assert "Revoke" not in page
    assert "Make the link" not in page
    assert send_form(reader, f"{PAGE}?campaign=a", **FORM).status_code == 403
    assert send_form(reader, f"{PAGE}/{made['share']['id']}/revoke").status_code == 403
    assert [one["status"] for one in stored(app)] == ["active"]


def test_strangers_are_sent_to_sign_in_and_forms_need_their_token(
    app: Flask, browser: FlaskClient, stranger: FlaskClient
) -> None:
    made = share(signed_in(app, "ada@example.org"))
    answer = stranger.get(f"{PAGE}?campaign=a")
    assert (answer.status_code, answer.location.partition("?")[0]) == (302, "/login")
    revoke = f"{PAGE}/{made['share']['id']}/revoke"
    assert [stranger.post(path).status_code for path in (PAGE, revoke)] == [401, 401]
    assert browser.post(f"{PAGE}?campaign=a", data=FORM).status_code == 400
    assert browser.post(revoke).status_code == 400
    assert [one["status"] for one in stored(app)] == ["active"]


def test_the_list_tells_what_ended_and_is_paged(app: Flask, browser: FlaskClient) -> None:
    ada = signed_in(app, "ada@example.org")
    for number in range(21):
        share(ada, name=f"share {number:02}")
    page = page_of(browser, PAGE)
    assert len(rows(page)) == 20
    older = re.search(r'href="([^"]+)" rel="next"', page)
    assert older
    [row] = rows(browser.get(older[1]).text)
    assert row.startswith("share 00")
    assert str((now() + timedelta(days=30)).year) in row
