"""The inbox on a customer's page, and the bell: whole without scripts."""

import re
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.accounts.browsers import a_browser, send_form, signed_in_again
from tests.conftest import add_customer
from tests.notifications.telling import rows, tell
from wihy.core.database import transaction
from wihy.customers.service import change_customer, get_customer
from wihy.web.me import NOTIFICATIONS_SHOWN

EMAIL = "alice@example.org"


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    """The browser of customer 7, who reads Swahili."""
    add_customer(app, 7, EMAIL, language="sw")
    return signed_in_again(app, EMAIL)


def bell_of(page: str) -> str:
    found = re.search(r"data-bell-words>(.+?)<", page)
    assert found
    return found[1]


def bodies_of(page: str) -> list[str]:
    return re.findall(r"data-body>(.+?)</p>", page)


def test_nothing_yet(browser: FlaskClient) -> None:
    page = browser.get("/me").text
    assert "No notifications yet" in page
    assert bell_of(page) == "Notifications, 0 unread"


def test_what_was_told_stands_there_in_its_language(app: Flask, browser: FlaskClient) -> None:
    tell(app, points=5)
    page = browser.get("/me").text
    assert bodies_of(page) == ["Shughuli yako imekuletea pointi 5."]
    assert '<div class="told-words" lang="sw">' in page
    assert bell_of(page) == "Notifications, 1 unread"


def test_a_form_marks_one_as_read(app: Flask, browser: FlaskClient) -> None:
    tell(app)
    tell(app)
    newer = rows(app)[-1]
    answer = send_form(browser, f"/notifications/{newer.id}/read", after="")
    assert (answer.status_code, answer.location) == (303, "/me#notifications")
    page = browser.get("/me").text
    assert bell_of(page) == "Notifications, 1 unread"
    assert f"/notifications/{newer.id}/read" not in page


def test_a_form_marks_all_as_read(app: Flask, browser: FlaskClient) -> None:
    tell(app)
    tell(app)
    answer = send_form(browser, "/notifications/read-all")
    assert (answer.status_code, answer.location) == (303, "/me#notifications")
    assert bell_of(browser.get("/me").text) == "Notifications, 0 unread"


def test_older_ones_stand_on_pages_behind(app: Flask, browser: FlaskClient) -> None:
    for points in range(1, NOTIFICATIONS_SHOWN + 2):
        tell(app, points=points)
    first = browser.get("/me").text
    assert len(bodies_of(first)) == NOTIFICATIONS_SHOWN
    [older] = re.findall(r'href="(/me\?notifications=[^"]+)#notifications"', first)
    second = browser.get(older).text
    assert bodies_of(second) == ["Shughuli yako imekuletea pointi 1."]
    assert 'href="/me#notifications">Newest' in second
    assert "data-inbox" not in second
    oldest = rows(app)[0]
    answer = send_form(browser, f"/notifications/{oldest.id}/read", after=older.partition("=")[2])
    assert answer.location == f"{older}#notifications"


@pytest.mark.parametrize("place", ["x", "%00", "A" * 32, "https://elsewhere.example"])
def test_an_address_that_says_nothing_begins_anew(app: Flask, browser: FlaskClient, place: str) -> None:
    tell(app)
    [row] = rows(app)
    assert browser.get(f"/me?notifications={place}").status_code == 200
    answer = send_form(browser, f"/notifications/{row.id}/read", after=place)
    assert answer.location.startswith("/me")


def test_many_fit_into_the_bell(app: Flask, browser: FlaskClient) -> None:
    for _ in range(100):
        tell(app)
    page = browser.get("/me").text
    assert bell_of(page) == "Notifications, 100 unread"
    assert ">99+</span>" in page


def test_others_are_left_alone(app: Flask, browser: FlaskClient) -> None:
    add_customer(app, 8)
    tell(app, 8)
    [row] = rows(app)
    assert bodies_of(browser.get("/me").text) == []
    assert send_form(browser, f"/notifications/{row.id}/read").status_code == 404
    assert send_form(browser, f"/notifications/{uuid4()}/read").status_code == 404
    send_form(browser, "/notifications/read-all")
    assert [row.read_at for row in rows(app)] == [None]


def test_forms_need_a_customer_and_the_token(app: Flask, browser: FlaskClient) -> None:
    tell(app)
    assert browser.post("/notifications/read-all").status_code == 400
    assert send_form(a_browser(app, "vera@example.org"), "/notifications/read-all").status_code == 403
    assert app.test_client().post("/notifications/read-all").status_code == 401
    with app.app_context(), transaction():
        change_customer(get_customer(7), {"active": False})
    assert browser.post("/notifications/read-all").status_code == 401
    assert [row.read_at for row in rows(app)] == [None]
