"""Invitations: the link is made again when the mail leaves, and only if it still opens the page."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.accounts.browsers import a_browser, send_form
from tests.conftest import MakeApp, add_user, signed_in
from tests.outbox.stage import sweep_once
from tests.servers.mail import running_sink
from wihy.core.database import db, transaction
from wihy.outbox.models import Message
from wihy.outbox.service import Obsolete
from wihy.partners.invitations import complete_mail
from wihy.partners.service import revoke_partner, rotate_token

CREATE = "/api/tracking/partner/create"
INVITE = "/api/tracking/partner/anna/invite"
ANNA = {"trackingId": "anna", "partnerName": "Anna Media", "email": "anna@example.org"}


def mails(app: Flask) -> list[Message]:
    with app.app_context():
        return list(db.session.scalars(select(Message).order_by(Message.created_at, Message.id)))


def completed(app: Flask, mail: Message) -> Any:
    with app.app_context():
        return complete_mail(mail.details)


def test_an_invitation_mails_a_new_link_and_stores_none(app: Flask, ada: FlaskClient) -> None:
    old = ada.post(CREATE, json=ANNA).json["accessToken"]
    answer = ada.post(INVITE)
    assert answer.status_code == 200
    token = answer.json["accessToken"]
    assert token != old
    [mail] = mails(app)
    assert (mail.recipient, mail.template) == ("anna@example.org", "partner_invitation")
    assert mail.details == {"trackingId": "anna", "version": 2}
    told = completed(app, mail)
    assert told["link"] == answer.json["dashboardUrl"]
    assert (told["partnerName"], str(told["expiresOn"])) == ("Anna Media", answer.json["expiresAt"][:10])


def test_a_new_partner_is_invited_by_the_link_that_is_shown(app: Flask, ada: FlaskClient) -> None:
    shown = ada.post(CREATE, json=ANNA | {"invite": True}).json
    [mail] = mails(app)
    assert completed(app, mail)["link"] == shown["dashboardUrl"]


def test_without_an_address_nothing_changes(app: Flask, ada: FlaskClient) -> None:
    nameless = ANNA | {"email": None}
    answer = ada.post(CREATE, json=nameless | {"invite": True})
    assert (answer.status_code, answer.json["details"][0]["field"]) == (400, "email")
    token = ada.post(CREATE, json=nameless).json["accessToken"]
    assert ada.post(INVITE).status_code == 400
    answer = app.test_client().get("/api/tracking/engagement/anna", query_string={"token": token})
    assert answer.status_code == 200
    assert mails(app) == []


@pytest.mark.parametrize("end", [rotate_token, revoke_partner])
def test_a_link_that_ended_meanwhile_is_not_sent(
    app: Flask, ada: FlaskClient, end: Callable[[str], object]
) -> None:
    ada.post(CREATE, json=ANNA | {"invite": True})
    with app.app_context(), transaction():
        end("anna")
    [mail] = mails(app)
    with pytest.raises(Obsolete):
        completed(app, mail)


@pytest.mark.parametrize(
    ("language", "expected", "words"),
    [
        ("fr", "fr", "votre page partenaire"),
        ("sw", "sw", "ukurasa wako wa mshirika"),
        (None, "en", "your partner page"),
    ],
)
def test_an_invitation_arrives_in_the_partner_s_language(
    make_app: MakeApp, language: str | None, expected: str, words: str
) -> None:
    with running_sink() as sink:
        app = make_app(**sink.settings)
        add_user(app, "ada@example.org", "admin")
        ada = signed_in(app, "ada@example.org")
        assert ada.post(CREATE, json=ANNA | {"language": language, "invite": True}).status_code == 201
        assert ada.post(INVITE).status_code == 200
        sweep_once(app)
        [mail] = sink.mails  # the link of the first has ended
    plain, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert words in plain
    assert words in html
    assert f'<html lang="{expected}">' in html
    assert mail["Content-Language"] == expected


def test_a_partner_s_language_is_told_and_only_ours_are_taken(ada: FlaskClient) -> None:
    ada.post(CREATE, json=ANNA | {"language": "es"})
    ada.post(CREATE, json={"trackingId": "berta"})
    listed = ada.get("/api/tracking/partners").json["partners"]
    assert {one["trackingId"]: one["language"] for one in listed} == {"anna": "es", "berta": None}
    for wrong in ("de", "", "FR", 1):
        answer = ada.post(CREATE, json={"trackingId": "carla", "language": wrong})
        assert (answer.status_code, answer.json["details"][0]["field"]) == (400, "language")


def test_others_may_not_and_a_wrong_state_is_told(
    ada: FlaskClient, vera: FlaskClient, stranger: FlaskClient
) -> None:
    ada.post(CREATE, json=ANNA)
    assert [vera.post(INVITE).status_code, stranger.post(INVITE).status_code] == [403, 401]
    assert ada.post("/api/tracking/partner/nobody/invite").status_code == 404
    ada.post("/api/tracking/partner/anna/revoke")
    answer = ada.post(INVITE)
    assert (answer.status_code, answer.json["code"]) == (409, "PARTNER_REVOKED")


def test_where_mail_is_not_set_up_there_is_no_invitation(make_app: MakeApp) -> None:
    app = make_app(WIHY_ENV="production", PUBLIC_URL="http://localhost")
    add_user(app, "ada@example.org", "admin")
    ada = signed_in(app, "ada@example.org")
    ada.post(CREATE, json=ANNA)
    answer = ada.post(INVITE)
    assert (answer.status_code, answer.json["code"]) == (409, "CANNOT_MAIL")
    assert "by e-mail" not in ada.get("/tracking-admin/partners").text


def test_staff_invite_by_form(app: Flask) -> None:
    nora = a_browser(app, "nora@example.org", "admin")
    page = "/tracking-admin/partners"
    answer = send_form(nora, page, **ANNA, language="sw", invite="true")
    assert "Kiswahili</span>" in answer.text
    assert "by e-mail" in answer.text
    answer = send_form(nora, f"{page}/anna/invite", version="1")
    assert (answer.status_code, 'id="new-link"' in answer.text) == (200, True)
    assert [(mail.details["version"], mail.language) for mail in mails(app)] == [(1, "sw"), (2, "sw")]
    assert send_form(nora, f"{page}/anna/invite", version="1").status_code == 409
