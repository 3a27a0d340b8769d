"""An address as the visitor saw it: what the script does with it, and what comes of that."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.tracking.test_capture import PATH, send
from tests.why.asking import ask, codes, step, verdict
from wihy.core.database import transaction
from wihy.core.ids import new_id
from wihy.partners.service import add_partner, revoke_partner
from wihy.why.nearest import LONGEST_COMPARED

SITE = "https://www.wihy.ai/page"  # a site that ALLOWED_ORIGINS names


def test_a_visit_that_counts(stranger: FlaskClient, vera: FlaskClient, john: str) -> None:
    send(stranger, campaign="x")
    answer = ask(vera, f"{SITE}?ref={john}&utm_campaign=x&utm_source=wihy#top")
    assert verdict(answer) == ("url", "counts")
    assert "John, who has 1 click and 0 conversions" in answer["verdict"]["message"]
    assert codes(answer) == [
        "address_read",
        "ref_found",
        "site_allowed",
        "would_be_accepted",
        "partner_active",
        "counted_so_far",
        "none_refused",
        "once_a_tab",
    ]
    assert step(answer, "would_be_accepted")["facts"] == {
        "referrer": john,
        "campaign": "x",
        "originalSource": john,
        "landingPage": SITE,
    }


@pytest.mark.parametrize("part", ["?ref=partner_john", "ref=partner_john", "/page?ref=partner_john"])
def test_a_part_of_an_address_will_do(vera: FlaskClient, john: str, part: str) -> None:
    answer = ask(vera, part)
    assert verdict(answer) == ("url", "counts")
    assert step(answer, "site_not_named")["state"] == "unknown"


@pytest.mark.parametrize(
    ("query", "campaign", "source"),
    [
        ("campaign=a&utm_campaign=b", "a", "partner_john"),
        ("campaign=&utm_campaign=b", "b", "partner_john"),
        ("utm_source=facebook", "direct", "facebook"),
        ("utm_source=wihy&campaign=a%20b+c", "a b c", "partner_john"),
        ("campaign=" + "c" * 300, "c" * 255, "partner_john"),
        ("ref=other", "direct", "partner_john"),
    ],
)
def test_parameters_are_read_as_the_script_reads_them(
    vera: FlaskClient, john: str, query: str, campaign: str, source: str
) -> None:
    facts = step(ask(vera, f"{SITE}?ref={john}&{query}"), "would_be_accepted")["facts"]
    assert (facts["referrer"], facts["campaign"], facts["originalSource"]) == (john, campaign, source)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("?utm_campaign=a&utm_source=b", "utm parameters alone"),
        ("", "counts nothing without it"),
        ("?ref=", "it is empty"),
        ("?Ref=partner_john", "in small letters"),
        ("?referrer=partner_john", "it has referrer instead"),
        ("?utm_campaign=a&amp;ref=partner_john", "&amp;"),
        ("#ref=partner_john", "behind #"),
    ],
)
def test_an_address_without_ref_counts_for_nobody(
    vera: FlaskClient, john: str, query: str, told: str
) -> None:
    answer = ask(vera, SITE + query)
    assert verdict(answer) == ("url", "no_ref")
    assert told in answer["verdict"]["message"]


@pytest.mark.parametrize("ref", ["partner_john.", "partner%20john", "%22partner_john%22", "x" * 256])
def test_a_ref_that_is_no_id_counts_for_nobody(vera: FlaskClient, ref: str) -> None:
    assert verdict(ask(vera, f"{SITE}?ref={ref}")) == ("url", "bad_ref")


def test_a_partners_page_is_no_link(vera: FlaskClient, john: str) -> None:
    page = vera.get("/why", query_string={"q": f"http://localhost/engagement/{john}?token=secret"})
    assert "own page of numbers" in page.text
    assert page.text.count("secret") == 1  # in the field, as it was typed


def test_a_misspelt_ref_has_a_nearest(vera: FlaskClient, john: str) -> None:
    answer = ask(vera, f"{SITE}?ref=partner_jhon")
    assert verdict(answer) == ("url", "misspelt_id")
    assert answer["nearest"] == {"kind": "partner", "id": john}


def test_a_ref_like_a_source_that_was_seen(stranger: FlaskClient, vera: FlaskClient) -> None:
    send(stranger, referrer="newsletter_footer")
    answer = ask(vera, f"{SITE}?ref=newsletter_foter")
    assert verdict(answer) == ("url", "misspelt_id")
    assert answer["nearest"] == {"kind": "source", "id": "newsletter_footer"}


@pytest.mark.parametrize(("length", "is_compared"), [(LONGEST_COMPARED, True), (LONGEST_COMPARED + 1, False)])
def test_long_ids_alike_are_not_compared(
    stranger: FlaskClient, vera: FlaskClient, length: int, is_compared: bool
) -> None:
    seen = "a" * (length - 1)  # a stranger can make thousands, and each comparison would take milliseconds
    send(stranger, referrer=f"{seen}b")
    nearest = {"kind": "source", "id": f"{seen}b"} if is_compared else None
    assert ask(vera, f"{SITE}?ref={seen}c")["nearest"] == nearest


def test_a_ref_nobody_knows(vera: FlaskClient, john: str) -> None:
    answer = ask(vera, f"{SITE}?ref=somebody")
    assert verdict(answer) == ("url", "unknown_id")
    assert answer["nearest"] is None


def test_the_ref_of_a_revoked_partner(app: Flask, vera: FlaskClient, john: str) -> None:
    with app.app_context(), transaction():
        revoke_partner(john)
    assert verdict(ask(vera, f"{SITE}?ref={john}")) == ("url", "partner_revoked")


@pytest.mark.parametrize(
    "address", ["https://shop.example/a", "shop.example/a", "http://www.wihy.ai/", "https://wihy.ai:8443/"]
)
def test_a_site_that_may_not_send(vera: FlaskClient, john: str, address: str) -> None:
    answer = ask(vera, f"{address}?ref={john}")
    assert verdict(answer) == ("url", "site_not_allowed")
    assert "ALLOWED_ORIGINS" in answer["verdict"]["advice"]


def test_wihy_s_own_front_page_counts_by_itself(vera: FlaskClient, john: str) -> None:
    assert step(ask(vera, f"http://localhost/?ref={john}"), "counted_by_wihy")["state"] == "ok"


def test_a_campaign_that_is_refused(vera: FlaskClient, john: str) -> None:
    answer = ask(vera, f"{SITE}?ref={john}&campaign=a%0Ab")
    assert verdict(answer) == ("url", "would_be_refused")
    assert "campaign: only printable" in answer["verdict"]["message"]


def test_refusals_of_the_last_days_are_told(stranger: FlaskClient, vera: FlaskClient, john: str) -> None:
    for _ in range(2):
        stranger.post(PATH, json={"referrer": john}, headers={"Origin": "https://shop.example"})
    answer = ask(vera, f"{SITE}?ref={john}")
    assert verdict(answer) == ("url", "some_refused")
    assert "refused 2 times" in step(answer, "some_refused")["message"]


def test_the_id_of_an_event_decides(stranger: FlaskClient, vera: FlaskClient, john: str) -> None:
    event_id = send(stranger).json["eventId"]
    assert verdict(ask(vera, f"{SITE}?ref={john}&wihy_id={event_id}")) == ("url", "counted")
    missing = ask(vera, f"{SITE}?wihy_id={new_id()}")
    assert verdict(missing) == ("url", "never_received")
    later = ask(vera, f"{SITE}?ref={john}&wihy_id={new_id()}")
    assert verdict(later) == ("url", "counts")
    assert step(later, "wihy_id_not_stored")["state"] == "unknown"


def test_a_tracking_id_alone(app: Flask, stranger: FlaskClient, vera: FlaskClient, john: str) -> None:
    answer = ask(vera, john)
    assert verdict(answer) == ("id", "counts")
    assert step(answer, "nothing_counted")["state"] == "unknown"
    send(stranger, userAgent="Googlebot/2.1")
    assert "1 event of known bots" in step(ask(vera, john), "nothing_counted")["message"]
    misspelt = ask(vera, "partner_jhon")
    assert verdict(misspelt) == ("unknown", "not_recognised")
    assert misspelt["nearest"] == {"kind": "partner", "id": john}
    with app.app_context(), transaction():
        add_partner("lumen", None, None, None)
    assert "lumen is a partner" in step(ask(vera, "lumen"), "partner_active")["message"]
