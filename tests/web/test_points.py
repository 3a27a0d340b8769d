"""Points on `/me` and on the staff's page of a customer, without any script."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.accounts.browsers import a_browser, send_form, signed_in_again
from tests.conftest import MakeApp, add_customer
from tests.points.awarding import balance, entries, give
from wihy.audit.models import AuditEntry
from wihy.core.database import db
from wihy.points.service import SUPPORT_INTERACTION
from wihy.web.formats import MINUS

SEVEN = "/customers/7"
REVERSALS = f"{SEVEN}/points/reversals"


@pytest.fixture
def nora(app: Flask) -> FlaskClient:
    """An admin's browser."""
    return a_browser(app, "nora@example.org", "admin")


@pytest.fixture
def vic(app: Flask) -> FlaskClient:
    """A viewer's browser."""
    return a_browser(app, "vic@example.org")


@pytest.fixture
def amy(app: Flask) -> FlaskClient:
    """Customer 7's browser."""
    add_customer(app, 7, "amy@example.org", display_name="Amy")
    return signed_in_again(app, "amy@example.org")


def words(page: str) -> str:
    """Return what a page says, without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def rows(page: str) -> list[str]:
    """Return what each row of the ledger says."""
    table = re.search(r'<table class="table stacked ledger">.*?</table>', page, re.DOTALL)
    return (
        [words(row).strip() for row in re.findall(r"<tr.*?</tr>", table[0], re.DOTALL)[1:]] if table else []
    )


def test_who_has_no_points_reads_so(amy: FlaskClient, nora: FlaskClient) -> None:
    page = words(amy.get("/me").text)
    assert "0 points and $0.00 of credit" in page
    assert "No points yet" in page
    assert "0 points and $0.00 of credit" in words(nora.get(SEVEN).text)


def test_a_customer_sees_what_they_have_and_what_for(app: Flask, amy: FlaskClient) -> None:
    give(app, "ticket:1:created", SUPPORT_INTERACTION)
    give(app, "interaction:1")
    page = amy.get("/me").text
    assert "15 points and $0.20 of credit" in words(page)
    first, second = rows(page)
    assert first.startswith("Activity +5 points –")
    assert second.startswith("Support request +10 points +$0.20")
    assert "ticket:1:created" not in page  # that is for programs, and for staff


def test_the_pages_of_a_customers_history_hold_all_of_it(
    app: Flask, amy: FlaskClient, nora: FlaskClient
) -> None:
    for number in range(12):
        give(app, f"interaction:{number}")
    for browser, path, sizes in ((amy, "/me", [5, 5, 2]), (nora, SEVEN, [10, 2])):
        seen, address = [], path
        while address:
            page = browser.get(address).text
            seen.append(len(rows(page)))
            older = re.search(rf'href="({path}\?points=[^"]+)#points" rel="next"', page)
            assert ("Newest" in page) is (address != path)
            address = older[1] if older else ""
        assert seen == sizes


@pytest.mark.parametrize("place", ["x", "%00", "AAAA", "9" * 500])
def test_a_place_that_says_nothing_begins_anew(
    app: Flask, amy: FlaskClient, nora: FlaskClient, place: str
) -> None:
    give(app, "interaction:1")
    for browser, path in ((amy, "/me"), (nora, SEVEN)):
        page = browser.get(f"{path}?points={place}")
        assert (page.status_code, len(rows(page.text))) == (200, 1)


def test_a_daily_limit_is_told(make_app: MakeApp) -> None:
    app = make_app(MAX_POINTS_PER_DAY="5")
    add_customer(app, 7, "amy@example.org")
    give(app, "interaction:1")
    give(app, "interaction:2")
    newest, _ = rows(signed_in_again(app, "amy@example.org").get("/me").text)
    assert newest.startswith("Activity Daily limit –")


def test_an_admin_takes_back(app: Flask, amy: FlaskClient, nora: FlaskClient) -> None:
    give(app, "ticket:1:created", SUPPORT_INTERACTION)
    entry = entries(app)[0]
    page = nora.get(SEVEN).text
    assert "ticket:1:created" in page
    assert "Why" not in words(page)
    assert f'href="{SEVEN}?reverse={entry.id}#points"' in page
    form = nora.get(f"{SEVEN}?reverse={entry.id}").text
    assert "Take back Support request , +10 points and +$0.20 of credit" in words(form)
    sent = send_form(nora, REVERSALS, form="points", entryId=str(entry.id), reason=" Booked twice <b> ")
    assert (sent.status_code, sent.headers["Location"]) == (303, f"{SEVEN}#points")
    assert balance(app) == (0, 0)
    newest, oldest = rows(nora.get(SEVEN).text)
    assert newest.startswith(f"Taken back Booked twice &lt;b&gt; {MINUS}10 points {MINUS}$0.20")
    assert "Take back" not in newest + oldest
    assert oldest.startswith("Support request Taken back ticket:1:created +10 points +$0.20")
    assert "Booked twice" not in amy.get("/me").text
    with app.app_context():
        written = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "POINTS_REVERSED")).one()
        assert written.thing == "customer:7"
        assert written.actor.startswith("staff:")
        assert written.details == {"entryId": str(entry.id), "points": -10, "creditCents": -20}


def test_a_refused_form_keeps_what_was_typed(app: Flask, amy: FlaskClient, nora: FlaskClient) -> None:
    give(app, "interaction:1")
    entry_id = str(entries(app)[0].id)
    refused = send_form(nora, REVERSALS, form="points", entryId=entry_id, reason="   ")
    assert refused.status_code == 400
    assert "Say why" in refused.text
    too_long = send_form(nora, REVERSALS, form="points", entryId=entry_id, reason="y" * 501)
    assert too_long.status_code == 400
    assert "y" * 501 in too_long.text
    assert "Take back Activity" in words(too_long.text)
    no_id = send_form(nora, REVERSALS, form="points", entryId="x", reason="a mistake")
    assert no_id.status_code == 400
    assert balance(app) == (5, 0)


def test_the_second_of_two_forms_is_told(app: Flask, amy: FlaskClient, nora: FlaskClient) -> None:
    give(app, "interaction:1")
    fields = {"form": "points", "entryId": str(entries(app)[0].id), "reason": "a mistake"}
    assert send_form(nora, REVERSALS, **fields).status_code == 303
    again = send_form(nora, REVERSALS, **fields)
    assert again.status_code == 409
    assert "This entry is reversed already" in again.text
    assert balance(app) == (0, 0)


def test_only_admins_take_back(app: Flask, amy: FlaskClient, vic: FlaskClient, stranger: FlaskClient) -> None:
    give(app, "interaction:1")
    entry_id = entries(app)[0].id
    page = vic.get(f"{SEVEN}?reverse={entry_id}").text
    assert "interaction:1" in page
    assert "Take back" not in page
    fields = {"form": "points", "entryId": str(entry_id), "reason": "a mistake"}
    assert send_form(vic, REVERSALS, **fields).status_code == 403
    assert send_form(amy, REVERSALS, **fields).status_code == 403
    assert stranger.post(REVERSALS, data=fields).status_code == 401
    assert balance(app) == (5, 0)


@pytest.mark.parametrize("asked", ["x", "", "01a1f804-9a3c-7cfb-b69f-857d4e58d173", "9" * 500])
def test_a_form_for_nothing_is_not_shown(app: Flask, amy: FlaskClient, nora: FlaskClient, asked: str) -> None:
    give(app, "interaction:1")
    page = nora.get(f"{SEVEN}?reverse={asked}")
    assert page.status_code == 200
    assert 'name="reason"' not in page.text


def test_an_address_of_a_form_leads_to_its_page(amy: FlaskClient, nora: FlaskClient) -> None:
    led = nora.get(REVERSALS)
    assert (led.status_code, led.headers["Location"]) == (302, f"{SEVEN}#points")
