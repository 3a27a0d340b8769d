"""A short link: whether it leads on, and what it counts for."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from tests.links.saving import save
from tests.tracking.test_capture import BROWSER
from tests.why.asking import ask, codes, step, verdict
from wihy.core.clock import now
from wihy.core.database import db, transaction
from wihy.links.models import SavedLink

PAGE = {"User-Agent": BROWSER}


@pytest.mark.parametrize(
    "asked", ["trail", "/l/trail", "l/trail", "http://localhost/l/trail", "localhost/l/trail?x=1"]
)
def test_a_link_that_leads_on(ada: FlaskClient, stranger: FlaskClient, john: str, asked: str) -> None:
    save(ada, slug="trail", referrer=john)
    assert stranger.get("/l/trail", headers=PAGE).status_code == 302
    answer = ask(ada, asked)
    assert verdict(answer) == ("link", "counts")
    expected = ["link_active", "link_clicked", "partner_active", "counted_so_far", "none_refused"]
    found = codes(answer)
    assert found == (["other_host", *expected] if asked.startswith("localhost") else expected)
    assert step(answer, "link_clicked")["facts"]["clicks"] == 1
    assert "1 click so far" in answer["verdict"]["message"]


def test_a_link_that_nobody_followed(ada: FlaskClient, john: str) -> None:
    save(ada, slug="trail", referrer=john)
    answer = ask(ada, "trail")
    assert verdict(answer) == ("link", "counts")
    assert codes(answer).count("nothing_counted") == 2


def test_a_link_of_another_host_may_be_anybodys(ada: FlaskClient, john: str) -> None:
    save(ada, slug="trail", referrer=john)
    assert step(ask(ada, "https://short.example/l/trail"), "other_host")["state"] == "unknown"


def test_an_archived_link(ada: FlaskClient, john: str) -> None:
    save(ada, slug="trail", referrer=john)
    ada.patch("/api/tracking/links/trail", json={"archived": True})
    answer = ask(ada, "trail")
    assert verdict(answer) == ("link", "link_archived")
    assert "archivedAt" in step(answer, "link_archived")["facts"]


def test_an_expired_link(app: Flask, ada: FlaskClient, john: str) -> None:
    save(ada, slug="trail", referrer=john)
    with app.app_context(), transaction():
        db.session.execute(update(SavedLink).values(expires_at=now() - timedelta(hours=1)))
    assert verdict(ask(ada, "trail")) == ("link", "link_expired")


@pytest.mark.parametrize("asked", ["/l/trail-autum", "/l/Trail-Autumn", "http://localhost/l/trial-autumn"])
def test_a_misspelt_link_has_a_nearest(ada: FlaskClient, asked: str) -> None:
    save(ada, slug="trail-autumn")
    answer = ask(ada, asked)
    assert verdict(answer) == ("link", "link_unknown")
    assert answer["nearest"] == {"kind": "link", "id": "trail-autumn"}
    assert "http://localhost/l/trail-autumn" in answer["verdict"]["advice"]


def test_a_misspelt_slug_alone_has_a_nearest(ada: FlaskClient) -> None:
    save(ada, slug="trail-autumn")
    answer = ask(ada, "trail-autum")
    assert verdict(answer) == ("unknown", "not_recognised")
    assert answer["nearest"] == {"kind": "link", "id": "trail-autumn"}


def test_a_link_like_no_other(ada: FlaskClient) -> None:
    answer = ask(ada, "/l/nothing")
    assert verdict(answer) == ("link", "link_unknown")
    assert answer["nearest"] is None


def test_a_link_to_a_misspelt_partner(ada: FlaskClient, john: str) -> None:
    save(ada, slug="trail", referrer="partner_jhon")
    answer = ask(ada, "trail")
    assert verdict(answer) == ("link", "misspelt_id")
    assert answer["nearest"] == {"kind": "partner", "id": john}


def test_a_click_through_a_link_names_it(ada: FlaskClient, stranger: FlaskClient, john: str) -> None:
    save(ada, slug="trail", referrer=john)
    led_to = stranger.get("/l/trail", headers=PAGE).location
    answer = ask(ada, led_to)
    assert verdict(answer) == ("url", "counted")
    assert step(answer, "received")["facts"]["link"] == "trail"
    ada.patch("/api/tracking/links/trail", json={"archived": True})
    answer = ask(ada, led_to)
    assert verdict(answer) == ("url", "counted")
    assert step(answer, "link_archived")["state"] == "problem"
