"""Who is refused a shared dashboard, when it ends, and that its token stands in no log."""

import logging
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import MakeApp, add_user, signed_in
from tests.shares.sharing import API, opened, share
from wihy.core import capabilities
from wihy.core.clock import now
from wihy.core.database import transaction
from wihy.shares.queries import find_share

TITLES = {
    "wrong": "This link is not complete",
    "missing": "This page needs its link",
    "expired": "This link has expired",
    "revoked": "This link was withdrawn",
}


def refused(client: FlaskClient, path: str) -> str:
    """Return why `client` is refused at `path`, which must show nothing else."""
    answer = client.get(path)
    assert answer.status_code == 401, answer.text
    assert "For the agency" not in answer.text
    assert "Clicks" not in answer.text
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer.headers
    [reason] = [reason for reason, title in TITLES.items() if title in answer.text]
    return reason


@pytest.mark.parametrize("wrong", ["x", "x%00y", "x" * 5000, "%C3%A9" * 43, "%ff", "a/b", "A" * 43])
def test_a_wrong_token_says_so(ada: FlaskClient, stranger: FlaskClient, wrong: str) -> None:
    share(ada)
    assert refused(stranger, f"/share/{wrong}") == "wrong"


def test_a_part_of_a_token_or_more_than_it_opens_nothing(ada: FlaskClient, stranger: FlaskClient) -> None:
    token = share(ada)["token"]
    for wrong in (token[:-1], token + "x", token + "/", token + "/x", token.swapcase()):
        assert refused(stranger, f"/share/{wrong}") == "wrong"


def test_who_did_not_come_by_the_link_sees_nothing(
    app: Flask, ada: FlaskClient, stranger: FlaskClient
) -> None:
    first, second = share(ada), share(ada)
    _, path = opened(app, first["token"])
    assert refused(stranger, path) == "missing"
    assert refused(stranger, f"/share/{uuid4()}") == "missing"
    stranger.set_cookie("wihy_share", second["token"], path=path)
    assert refused(stranger, path) == "wrong"
    stranger.set_cookie("wihy_share", first["token"], path="/")
    assert refused(stranger, f"/share/{uuid4()}") == "wrong"


def test_a_partner_s_token_is_no_share_s(app: Flask, ada: FlaskClient, stranger: FlaskClient) -> None:
    made = ada.post("/api/tracking/partner/create", json={"trackingId": "lumen"}).json
    assert refused(stranger, f"/share/{made['accessToken']}") == "wrong"
    token = share(ada, {"partner": "lumen"})["token"]
    assert stranger.get("/engagement/lumen", query_string={"token": token}).status_code == 401


def test_it_ends_in_the_second_it_expires(
    app: Flask, ada: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = share(ada, expiresInDays=1)
    browser, path = opened(app, made["token"])
    with app.app_context():
        found = find_share(UUID(made["share"]["id"]))
        assert found
        ends_at = found.expires_at
    for before, status in ((timedelta(seconds=1), 200), (timedelta(0), 401)):
        monkeypatch.setattr(capabilities, "now", lambda before=before: ends_at - before)
        assert browser.get(path).status_code == status
    assert refused(browser, path) == "expired"
    assert refused(app.test_client(), f"/share/{made['token']}") == "expired"
    assert refused(ada, path) == "expired"


def test_a_revoked_one_ends_at_once_in_other_processes_and_caches(make_app: MakeApp) -> None:
    app, other = make_app(), make_app()
    add_user(app, "ada@example.org", "admin")
    ada = signed_in(app, "ada@example.org")
    made = share(ada)
    browser, path = opened(other, made["token"])
    assert [browser.get(path).status_code for _ in range(2)] == [200, 200]
    assert ada.delete(f"{API}/{made['share']['id']}").status_code == 200
    assert refused(browser, path) == "revoked"
    assert refused(other.test_client(), f"/share/{made['token']}") == "revoked"
    assert refused(ada, path) == "revoked"


def test_an_expired_one_that_is_revoked_is_told_as_revoked(app: Flask, ada: FlaskClient) -> None:
    made = share(ada)
    with app.app_context(), transaction():
        found = find_share(UUID(made["share"]["id"]))
        assert found
        found.expires_at = now() - timedelta(days=1)
    assert ada.get(API).json["shares"][0]["status"] == "expired"
    ada.delete(f"{API}/{made['share']['id']}")
    assert refused(app.test_client(), f"/share/{made['token']}") == "revoked"


@pytest.mark.parametrize("contact", ["", "partners@wihy.ai"])
def test_the_page_says_whom_to_ask(make_app: MakeApp, contact: str) -> None:
    page = make_app(PARTNER_CONTACT=contact).test_client().get("/share/x").text
    assert contact in page
    assert ("ask whoever sent it to you" in page) is (contact == "")


def test_the_page_has_the_limit_of_partners_pages_but_not_for_staff(make_app: MakeApp) -> None:
    app = make_app(RATE_LIMIT_ANALYTICS="2")
    add_user(app, "ada@example.org", "admin")
    ada = signed_in(app, "ada@example.org")
    browser, path = opened(app, share(ada)["token"])
    assert [browser.get(path).status_code for _ in range(2)] == [200, 429]
    assert app.test_client().get("/share/x").status_code == 429
    assert [ada.get(path).status_code for _ in range(3)] == [200, 200, 200]


def test_the_token_stands_in_no_log(app: Flask, ada: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    token = share(ada)["token"]
    with caplog.at_level(logging.DEBUG):
        browser, path = opened(app, token)
        browser.get(path)
        for strange in (f"/share/{token}/", f"/share/{token}/x", f"/Share/{token}"):
            browser.get(strange)
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "HEAD"):
            browser.open(f"/share/{token}", method=method)
        browser.get(f"/share/x?token={token}")
    lines = [line for record in caplog.records for line in (record.getMessage(), str(vars(record)))]
    assert any("GET /share/*** 303" in line for line in lines)
    assert any("POST /share/*** 405" in line for line in lines)
    assert not [line for line in lines if token in line]
    assert token not in app.test_client().get("/metrics").text
