"""What strangers may try on any address."""

import pytest
from flask.testing import FlaskClient

from tests.tracking.test_capture import BROWSER, PATH
from wihy.tracking.bots import is_bot
from wihy.tracking.normalise import destination_name

KIB = 1024


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_form_is_no_larger_than_a_body_may_be(stranger: FlaskClient, kind: str) -> None:
    form = b"--x\r\nContent-Disposition: form-data; name=email\r\n\r\n" if "x" in kind[-1] else b"email="
    answer = stranger.post("/login", data=form + b"a" * (300 * KIB), content_type=kind)
    assert answer.status_code == 413


@pytest.mark.parametrize("host", ["LOCALHOST", "localhost:8131", "127.0.0.1", "[::1]:1"])
def test_our_own_names_are_served(stranger: FlaskClient, host: str) -> None:
    assert stranger.get("/login", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "wihy.ai"])
def test_other_names_are_not(stranger: FlaskClient, host: str) -> None:
    assert stranger.get("/login", headers={"Host": host}).status_code == 400
    assert stranger.get("/healthz", headers={"Host": host}).status_code == 200


def test_an_address_that_is_not_utf8_is_refused(ada: FlaskClient) -> None:
    assert ada.get("/api/tracking/stats?referrer=%FF").status_code == 400


def test_two_slashes_lead_nowhere(ada: FlaskClient) -> None:
    answer = ada.get("/api//tracking/stats", headers={"Host": "localhost"})
    assert (answer.status_code, answer.json["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("zone", ["localtime", "Factory", "Mars/Olympus"])
def test_what_is_no_zone_is_refused(ada: FlaskClient, zone: str) -> None:
    answer = ada.get(f"/api/tracking/stats?tz={zone}")
    assert answer.json["details"][0]["field"] == "tz"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.io\\@kickstarter.com/",
        "https://./x",
        'https://"><script>alert(1)<.com/x',
        "https://a b.com/",
        "https://a%00.com/",
        "https:///x",
    ],
)
def test_what_is_no_host_is_refused(stranger: FlaskClient, url: str) -> None:
    body = {"referrer": "a", "eventType": "outbound", "destinationUrl": url, "userAgent": BROWSER}
    answer = stranger.post(PATH, json=body)
    assert answer.json["details"][0]["field"] == "destinationUrl"
    with pytest.raises(ValueError, match=r"\w"):
        destination_name(url)


def test_endless_words_are_not_judged() -> None:
    """The package's expressions take a time that grows with the square of a word's length."""
    assert not is_bot(BROWSER + " " + "A1" * 512)
    assert is_bot("Googlebot/2.1 " + "A1-" * 300)
    assert is_bot("A1" * 512)


def test_a_page_carries_the_strict_policy(stranger: FlaskClient) -> None:
    headers = stranger.get("/login").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "private, no-store"


def test_an_answer_carries_its_request_id(stranger: FlaskClient) -> None:
    assert (
        stranger.get("/healthz", headers={"X-Request-Id": "mine-1.2_3"}).headers["X-Request-Id"]
        == "mine-1.2_3"
    )
    for odd in ("a b", "x" * 65, "é"):
        given = stranger.get("/healthz", headers={"X-Request-Id": odd}).headers["X-Request-Id"]
        assert given not in ("", odd)
