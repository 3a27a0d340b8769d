"""`/tracking-admin/partners`: what staff see and do there, without any script."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.accounts.browsers import a_browser, send_form
from tests.analytics.events import Sent, store
from tests.conftest import add_user, signed_in
from wihy.core.capabilities import Status
from wihy.core.clock import now
from wihy.core.database import transaction
from wihy.partners.queries import find_partner
from wihy.partners.service import add_partner, revoke_partner

PAGE = "/tracking-admin/partners"
ARABIC = ("شريك " * 51)[:255]
FORM = {"trackingId": "anna", "partnerName": "Anna Media", "email": "", "expiresInDays": "30"}


@pytest.fixture
def nora(app: Flask) -> FlaskClient:
    """An admin's browser."""
    return a_browser(app, "nora@example.org", "admin")


def add(app: Flask, *names: str) -> None:
    with app.app_context(), transaction():
        for name in names:
            add_partner(name, None, None, None)


def status_of(app: Flask, name: str) -> Status:
    with app.app_context():
        partner = find_partner(name)
        assert partner
        return partner.status


def token_in(answer: TestResponse) -> str:
    found = re.search(r'<code id="new-token">([^<]+)</code>', answer.text)
    assert found, answer.text
    return found[1]


def opens(app: Flask, name: str, token: str) -> bool:
    answer = app.test_client().get(f"/api/tracking/engagement/{name}", query_string={"token": token})
    return answer.status_code == 200


def test_the_empty_page_says_what_to_do(nora: FlaskClient) -> None:
    page = nora.get(PAGE).text
    assert "No partners yet" in page
    assert 'aria-current="page">Partners' in page
    assert 'aria-current="page">Links' not in page


def test_a_new_partner_s_link_is_shown_once(app: Flask, nora: FlaskClient) -> None:
    answer = send_form(nora, PAGE, **FORM)
    assert answer.status_code == 200
    token = token_in(answer)
    assert f"http://localhost/engagement/anna?token={token}" in answer.text
    assert (answer.headers["Cache-Control"], answer.headers["Referrer-Policy"]) == (
        "private, no-store",
        "no-referrer",
    )
    assert opens(app, "anna", token)
    again = nora.get(PAGE).text
    assert "Anna Media" in again
    assert token not in again


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"trackingId": "two words"}, "String should match pattern"),
        ({"trackingId": ""}, "Field required"),
        ({"email": "anna"}, "Write an e-mail address"),
        ({"expiresInDays": "soon"}, "Input should be a valid integer"),
        ({"expiresInDays": "9" * 5000}, "Input should be a valid integer"),
        ({"expiresInDays": "3651"}, "less than or equal to 3650"),
    ],
)
def test_a_wrong_field_is_told_where_it_is(
    app: Flask, nora: FlaskClient, changed: dict[str, str], told: str
) -> None:
    answer = send_form(nora, PAGE, **FORM | changed)
    assert answer.status_code == 400
    assert told in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert 'value="Anna Media"' in answer.text


def test_a_form_sent_again_makes_no_second_partner(nora: FlaskClient) -> None:
    send_form(nora, PAGE, **FORM)
    answer = send_form(nora, PAGE, **FORM)
    assert answer.status_code == 409
    assert "There is a partner with this tracking id already" in answer.text


def test_a_link_is_replaced_by_one_form_once(app: Flask, nora: FlaskClient) -> None:
    first = token_in(send_form(nora, PAGE, **FORM))
    answer = send_form(nora, f"{PAGE}/anna/rotate", version="1")
    second = token_in(answer)
    assert (opens(app, "anna", first), opens(app, "anna", second)) == (False, True)
    again = send_form(nora, f"{PAGE}/anna/rotate", version="1")
    assert again.status_code == 409
    assert "got a new token meanwhile" in again.text
    assert opens(app, "anna", second)
    assert nora.get(f"{PAGE}/anna/rotate").location == f"{PAGE}?q=anna"


def test_access_is_revoked_and_restored(app: Flask, nora: FlaskClient) -> None:
    add(app, "anna")
    answer = send_form(nora, f"{PAGE}/anna/revoke?active=true")
    assert (answer.status_code, answer.location) == (303, f"{PAGE}?active=true")
    assert "Revoked: the link of anna opens nothing any more." in nora.get(answer.location).text
    assert status_of(app, "anna") is Status.REVOKED
    page = nora.get(PAGE).text
    assert f'action="{PAGE}/anna/restore"' in page
    assert f'action="{PAGE}/anna/revoke"' not in page
    token = token_in(send_form(nora, f"{PAGE}/anna/restore", version="1"))
    assert opens(app, "anna", token)


def test_figures_states_and_long_names_are_shown(app: Flask, vera: FlaskClient) -> None:
    moment = now()
    store(app, [Sent(moment, "anna", new_visitor=number == 0) for number in range(6)])
    with app.app_context(), transaction():
        add_partner("anna", ARABIC, "anna@example.org", None)
        add_partner("berta", "<b>Berta</b>", None, moment)
        add_partner("carla", None, None, None)
        revoke_partner("carla")
    page = vera.get(PAGE).text
    for shown in (
        ARABIC.strip(),
        "&lt;b&gt;Berta&lt;/b&gt;",
        "Active",
        "Expired",
        "Revoked",
        "anna@example.org",
    ):
        assert shown in page
    assert page.count('class="inflated"') == 1
    assert page.count("Last seen </span>never") == 3


def test_who_may_not_write_sees_no_forms_and_sends_none(app: Flask, vera: FlaskClient) -> None:
    add(app, "anna")
    page = vera.get(PAGE).text
    assert "anna" in page
    assert "Manage" not in page
    assert "Add a partner" not in page
    browser = a_browser(app, "otto@example.org")
    for address in (PAGE, f"{PAGE}/anna/revoke", f"{PAGE}/anna/rotate", f"{PAGE}/anna/restore"):
        assert send_form(browser, address, **FORM).status_code == 403
    assert status_of(app, "anna") is Status.ACTIVE
    add_user(app, "greta@example.org", permissions=("partners:write",))
    assert "Manage" in signed_in(app, "greta@example.org").get(PAGE).text


def test_forms_carry_the_csrf_token(app: Flask, nora: FlaskClient) -> None:
    add(app, "anna")
    assert nora.post(f"{PAGE}/anna/revoke").status_code == 400
    assert status_of(app, "anna") is Status.ACTIVE


def test_strangers_are_sent_to_sign_in(stranger: FlaskClient) -> None:
    answer = stranger.get(f"{PAGE}?q=anna")
    assert (answer.status_code, answer.location) == (
        302,
        "/login?next=%2Ftracking-admin%2Fpartners%3Fq%3Danna",
    )


def test_the_list_is_searched_filtered_and_paged(app: Flask, vera: FlaskClient) -> None:
    add(app, *(f"partner_{number:02}" for number in range(51)), "anna")
    with app.app_context(), transaction():
        revoke_partner("anna")

    def named(address: str) -> list[str]:
        return re.findall(r"<code>([^<]+)</code>", vera.get(address).text)

    assert named(f"{PAGE}?active=false") == ["anna"]
    assert named(f"{PAGE}?q=R_07") == ["partner_07"]
    assert "Nobody found" in vera.get(f"{PAGE}?q=nobody").text
    first = vera.get(f"{PAGE}?active=true").text
    older = re.search(r'href="([^"]+cursor=[^"]+)"', first)
    assert older
    assert named(older[1].replace("&amp;", "&")) == ["partner_00"]
    assert vera.get(f"{PAGE}?cursor=x").status_code == 400


@pytest.mark.parametrize("verb", ["revoke", "rotate", "restore"])
def test_nobody_is_told(nora: FlaskClient, verb: str) -> None:
    answer = send_form(nora, f"{PAGE}/nobody/{verb}")
    assert (answer.status_code, "There is no partner with this tracking id" in answer.text) == (404, True)
