"""Who sends: origins, API keys, proxies, limits."""

import hashlib
import socket
from queue import SimpleQueue
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import MakeApp
from tests.tracking.test_capture import BROWSER, PATH, send, stored
from wihy.accounts.models import ApiKey
from wihy.core.clock import now
from wihy.core.database import db, transaction
from wihy.core.limits import limiter

KEY = "wihy_a-key-of-the-tests"


def add_key(app: Flask, *scopes: str) -> dict[str, str]:
    with app.app_context(), transaction():
        digest = hashlib.sha256(KEY.encode()).hexdigest()
        db.session.add(ApiKey(name="tests", scopes=list(scopes), digest=digest, created_at=now()))
    return {"X-Api-Key": KEY}


@pytest.mark.parametrize(
    "origin",
    [
        "https://wihy.ai",
        "https://www.wihy.ai",
        "https://a.b.wihy.ai",
        "http://localhost:3000",
        "http://localhost",
    ],
)
def test_allowed_pages_may_capture(stranger: FlaskClient, origin: str) -> None:
    answer = stranger.post(PATH, json={"referrer": "a"}, headers={"Origin": origin, "User-Agent": BROWSER})
    assert answer.status_code == 201


@pytest.mark.parametrize(
    "origin",
    [
        "https://evilwihy.ai",
        "https://wihy.ai.evil.io",
        "http://wihy.ai",
        "https://wihy.ai:8443",
        "https://evil.io/.wihy.ai",
        "https://evil.io#.wihy.ai",
        "https://-.wihy.ai",
        "https://wihy.ai\\.evil.io",
        "null",
        "",
        "http://localhost:3001",
    ],
)
def test_other_pages_may_not(app: Flask, stranger: FlaskClient, origin: str) -> None:
    answer = stranger.post(PATH, json={"referrer": "a"}, headers={"Origin": origin, "User-Agent": BROWSER})
    assert (answer.status_code, answer.json["code"]) == (403, "ORIGIN_NOT_ALLOWED")
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert stored(app) == []


def test_a_browser_may_ask_first(stranger: FlaskClient) -> None:
    answer = stranger.options(
        PATH,
        headers={
            "Origin": "https://www.wihy.ai",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type",
        },
    )
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "https://www.wihy.ai"
    assert "content-type" in answer.headers["Access-Control-Allow-Headers"].lower()


class TestBots:
    """Bots are stored, and say so."""

    def test_a_crawler(self, app: Flask, stranger: FlaskClient) -> None:
        answer = send(stranger, userAgent="facebookexternalhit/1.1")
        assert answer.status_code == 201
        assert answer.json["bot"] is True
        assert [event.is_bot for event in stored(app)] == [True]

    def test_the_header_counts_where_the_body_names_none(self, stranger: FlaskClient) -> None:
        answer = stranger.post(PATH, json={"referrer": "a"}, headers={"User-Agent": "curl/8.5.0"})
        assert answer.json["bot"] is True

    def test_nobody_has_clicked_a_page_loaded_ahead(self, stranger: FlaskClient) -> None:
        answer = stranger.post(
            PATH,
            json={"referrer": "a", "userAgent": BROWSER},
            headers={"Sec-Purpose": "prefetch;prerender"},
        )
        assert answer.json["bot"] is True


class TestKeys:
    """Programs speak for visitors by their key."""

    def test_a_key_names_the_visitor(self, app: Flask, stranger: FlaskClient) -> None:
        headers = add_key(app, "capture")
        for address in ("203.0.113.1", "203.0.113.2", "::ffff:203.0.113.1"):
            body = {"referrer": "a", "userAgent": BROWSER, "clientIp": address}
            assert stranger.post(PATH, json=body, headers=headers).status_code == 201
        assert [event.new_visitor for event in stored(app)] == [True, True, False]

    def test_without_an_address_there_is_no_visitor_and_no_bot(
        self, app: Flask, stranger: FlaskClient
    ) -> None:
        answer = stranger.post(
            PATH,
            json={"referrer": "a"},
            headers={**add_key(app, "capture"), "User-Agent": "curl/8"},
        )
        assert "bot" not in answer.json
        [event] = stored(app)
        assert (event.ip_address, event.user_agent, event.new_visitor) == (
            None,
            None,
            False,
        )

    def test_a_bad_address_is_refused(self, app: Flask, stranger: FlaskClient) -> None:
        answer = stranger.post(
            PATH,
            json={"referrer": "a", "clientIp": "300.1.1.1"},
            headers=add_key(app, "capture"),
        )
        assert answer.json["details"][0]["field"] == "clientIp"

    def test_another_scope_is_not_enough(self, app: Flask, stranger: FlaskClient) -> None:
        answer = stranger.post(PATH, json={"referrer": "a"}, headers=add_key(app, "stats:read"))
        assert (answer.status_code, answer.json["code"]) == (403, "Forbidden")
        assert stored(app) == []

    def test_a_wrong_key_is_refused(self, app: Flask, stranger: FlaskClient) -> None:
        answer = stranger.post(PATH, json={"referrer": "a"}, headers={"X-Api-Key": "wihy_wrong"})
        assert (answer.status_code, answer.json["code"]) == (401, "UNAUTHORIZED")
        assert stored(app) == []

    def test_a_key_is_not_limited_by_address(self, make_app: MakeApp) -> None:
        app = make_app(RATE_LIMIT_CAPTURE="2")
        headers = add_key(app, "capture")
        codes = [
            app.test_client().post(PATH, json={"referrer": "a"}, headers=headers).status_code
            for _ in range(4)
        ]
        assert codes == [201] * 4


class TestLimits:
    """A hundred a minute from one address, unless set otherwise."""

    def test_the_next_one_waits(self, make_app: MakeApp) -> None:
        client = make_app(RATE_LIMIT_CAPTURE="3").test_client()
        answers = [send(client) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [201, 201, 201, 429]
        assert answers[3].json["code"] == "RATE_LIMITED"
        assert 0 < int(answers[3].headers["Retry-After"]) <= 60
        assert answers[3].headers["X-RateLimit-Limit"] == "3"
        assert "Retry-After" not in answers[0].headers

    def test_a_batch_weighs_a_tenth_of_its_events(self, make_app: MakeApp) -> None:
        client = make_app(RATE_LIMIT_CAPTURE="5").test_client()

        def batch(size: int) -> int:
            events: list[Any] = [{"referrer": "a"}] * size
            return client.post(
                PATH + "/batch",
                json={"events": events},
                headers={"User-Agent": BROWSER},
            ).status_code

        assert [batch(21), batch(11), send(client).status_code] == [200, 200, 429]

    def test_an_unreadable_batch_weighs_one(self, make_app: MakeApp) -> None:
        client = make_app(RATE_LIMIT_CAPTURE="2").test_client()
        codes = [client.post(PATH + "/batch", json=[]).status_code for _ in range(3)]
        assert codes == [400, 400, 429]

    def test_limits_are_shared_through_redis(self, make_app: MakeApp, redis_url: str) -> None:
        client = make_app(RATE_LIMIT_CAPTURE="2", REDIS_URL=redis_url).test_client()
        other = make_app(RATE_LIMIT_CAPTURE="2", REDIS_URL=redis_url).test_client()
        address = {"REMOTE_ADDR": "203.0.113.77"}
        codes = [
            c.post(PATH, json={"referrer": "a"}, environ_base=address).status_code
            for c in (client, other, client)
        ]
        assert codes == [201, 201, 429]

    def test_without_redis_they_are_kept_in_memory(self, make_app: MakeApp) -> None:
        client = make_app(RATE_LIMIT_CAPTURE="2", REDIS_URL="redis://127.0.0.1:1/0").test_client()
        assert [send(client).status_code for _ in range(3)] == [201, 201, 429]

    def test_a_redis_that_hangs_holds_nobody_up(
        self, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(limiter, "_storage_dead", False)  # whatever tests before this one left
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
            app = make_app(RATE_LIMIT_CAPTURE="9", REDIS_URL=url, WIHY_PART="web")
            answers: SimpleQueue[int] = SimpleQueue()
            for _ in range(8):
                Thread(target=lambda: answers.put(send(app.test_client()).status_code), daemon=True).start()
            assert [answers.get(timeout=20) for _ in range(8)] == [201] * 8
            assert [send(app.test_client()).status_code for _ in range(2)] == [201, 429]


class TestProxies:
    """The address is the peer's, or what exactly so many proxies report."""

    def addresses(self, make_app: MakeApp, proxies: str, *forwarded: str) -> int:
        app = make_app(TRUSTED_PROXIES=proxies)
        for value in forwarded:
            app.test_client().post(
                PATH,
                json={"referrer": "a", "userAgent": BROWSER},
                headers={"X-Forwarded-For": value},
            )
        return len({event.ip_address for event in stored(app)})

    def test_nobody_is_trusted_by_default(self, make_app: MakeApp) -> None:
        assert self.addresses(make_app, "0", "203.0.113.1", "203.0.113.2") == 1

    def test_one_proxy_reports_the_last_address(self, make_app: MakeApp) -> None:
        assert (
            self.addresses(
                make_app,
                "1",
                "9.9.9.9, 203.0.113.1",
                "8.8.8.8, 203.0.113.1",
                "203.0.113.2",
            )
            == 2
        )

    def test_a_report_that_is_no_address_counts_as_the_peer(self, make_app: MakeApp) -> None:
        assert self.addresses(make_app, "1", "unknown", "also-not") == 1
