"""Who may ask, and what cannot be asked."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.tracking.test_senders import add_key
from tests.why.asking import PATH, ask

QUERY = {"q": "anything"}


def test_staff_may_ask(ada: FlaskClient, vera: FlaskClient) -> None:
    for client in (ada, vera):
        assert client.get(PATH, query_string=QUERY).status_code == 200
        assert client.get("/why", query_string=QUERY).status_code == 200
        assert client.get("/why").status_code == 200


def test_a_key_may_not(app: Flask, stranger: FlaskClient) -> None:
    key = add_key(app, "capture", "stats:read", "partners:write")
    for path in (PATH, "/why"):
        assert stranger.get(path, query_string=QUERY, headers=key).status_code == 403


def test_strangers_may_not(stranger: FlaskClient) -> None:
    assert stranger.get(PATH, query_string=QUERY).status_code == 401
    answer = stranger.get("/why", query_string=QUERY)
    assert (answer.status_code, answer.location) == (302, "/login?next=%2Fwhy%3Fq%3Danything")


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("", "Field required"),
        ("q=", "Field required"),
        ("q=%20%20", "say what is missing"),
        (f"q={'x' * 4097}", "at most 4096 characters"),
        ("q=https://a.example/?ref=" + "x" * 10_000, "4096"),
        ("q=a%00b", "a NUL character cannot be stored"),
        ("q=%ff", ""),
    ],
)
def test_a_bad_question_is_told_what_is_wrong(vera: FlaskClient, query: str, told: str) -> None:
    answer = vera.get(f"{PATH}?{query}")
    assert (answer.status_code, answer.json["code"]) == (400, "INVALID_REQUEST")
    assert told in str(answer.json.get("details", ""))


def test_the_page_keeps_what_was_typed_and_says_what_is_wrong(vera: FlaskClient) -> None:
    answer = vera.get("/why?q=a%00b")
    assert answer.status_code == 400
    assert 'value="ab"' in answer.text
    assert "A NUL character cannot be stored" in answer.text
    assert vera.get("/why", query_string={"q": "x" * 10_000}).status_code == 400


def test_only_get_is_taken(vera: FlaskClient) -> None:
    assert vera.post(PATH).status_code == 405


@pytest.mark.parametrize(
    "text",
    [
        "مؤسسة البحيرات الكبرى" * 12,
        "<script>alert(1)</script>",
        "%_%",
        "' OR 1=1 --",
        "\\",
        "{{7*7}}",
        "\u202egnp.exe",
        "x" * 4096,
        "https://[::1",
        "https://a.example:99999/?ref=a",
        "https://" + "a." * 200 + "example/?ref=a",
        "https://bücher.example/?ref=a",
        "https://☃/?ref=a",
        "http://a b/?ref=x",
        "//",
        "://",
        "?",
        "&",
        "/l/",
        "/l/a/b",
        "/l/" + "x" * 300,
        "l/",
        "javascript://a/?ref=x",
        "?ref=" + "x" * 4000,
        "?ref=%00",
        "?ref=a&campaign=%00",
        "?ref=a&campaign=%ff%fe",
        "?ref=a&campaign=a%0ab",
        "?wihy_id=zzz&ref=a",
        "?wihy_id=00000000-0000-0000-0000-000000000000",
        "?" + "a=1&" * 1000,
        "ffffffff-ffff-7fff-bfff-ffffffffffff",
        "00000000-0000-7000-8000-000000000000",
        "{00000000-0000-0000-0000-000000000000}",
        "urn:uuid:00000000-0000-0000-0000-000000000000",
        "\u0660" * 32,
    ],
)
def test_whatever_is_asked_has_an_answer(vera: FlaskClient, text: str) -> None:
    answer = ask(vera, text)
    assert answer["verdict"]["message"]
    assert answer["verdict"]["state"] != "ok"
    assert answer["steps"]
    page = vera.get("/why", query_string={"q": text})
    assert page.status_code == 200
    assert "<script>alert" not in page.text


def test_it_is_described(stranger: FlaskClient) -> None:
    described = stranger.get("/openapi.json").json["paths"][PATH]["get"]
    assert described["summary"] == "Why was this not credited?"
    example = described["responses"]["200"]["content"]["application/json"]["example"]
    assert example["verdict"]["code"] == "counted"
