"""What Prometheus reads, and who may."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import TestResponse

from config import ROOT
from tests.conftest import PASSWORD, MakeApp
from tests.jobs.test_health import see_a_worker
from tests.tracking.bookkeeping import figures
from tests.tracking.test_capture import send

TOKEN = "a token of the tests, long enough"
ELSEWHERE = {"REMOTE_ADDR": "203.0.113.9"}
BEARER = {"Authorization": f"Bearer {TOKEN}"}
NAME = re.compile(r"^\| `(wihy_\w+)`", re.MULTILINE)


def ask(client: FlaskClient, address: str = "127.0.0.1", **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get("/metrics", environ_base={"REMOTE_ADDR": address}, headers=named)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["localhost", "10.0.0.7:8080", "anything.example.org"])
def test_programs_of_this_machine_may(stranger: FlaskClient, address: str, host: str) -> None:
    answer = ask(stranger, address, Host=host)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"


@pytest.mark.parametrize("address", ["203.0.113.9", "10.0.0.1", "192.168.1.1", "fe80::1", "", "unix"])
def test_others_may_not(stranger: FlaskClient, address: str) -> None:
    answer = ask(stranger, address)
    assert (answer.status_code, answer.json["code"]) == (403, "Forbidden")
    assert answer.json["success"] is False


@pytest.mark.parametrize(
    "name", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "X-Forwarded-Proto", "CF-Connecting-IP"]
)
@pytest.mark.parametrize("proxies", ["0", "1"])
def test_nor_those_behind_a_proxy_of_this_machine(make_app: MakeApp, name: str, proxies: str) -> None:
    client = make_app(TRUSTED_PROXIES=proxies).test_client()
    assert ask(client, **{name.replace("-", "_"): "127.0.0.1"}).status_code == 403


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer wrong", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer töken"],
)
def test_a_token_must_be_right(make_app: MakeApp, header: str) -> None:
    client = make_app(METRICS_TOKEN=TOKEN).test_client()
    answer = ask(client, "203.0.113.9", Authorization=header)
    assert (answer.status_code, answer.json["code"]) == (401, "UNAUTHORIZED")


def test_who_has_the_token_may_from_anywhere(make_app: MakeApp) -> None:
    client = make_app(METRICS_TOKEN=TOKEN).test_client()
    assert ask(client, "203.0.113.9", Authorization=f"Bearer {TOKEN}").status_code == 200
    assert ask(client, X_Forwarded_For="203.0.113.9", Authorization=f"bearer {TOKEN}").status_code == 200
    assert ask(client).status_code == 200


def test_even_an_admin_has_no_other_way(ada: FlaskClient) -> None:
    assert ask(ada, "203.0.113.9").status_code == 403


def test_every_name_is_documented_and_every_documented_one_exported(
    app: Flask, stranger: FlaskClient
) -> None:
    see_a_worker(app)
    send(stranger)
    exported = set()
    for family in text_string_to_metric_families(stranger.get("/metrics").text):
        exported.add(family.name + ("_total" if family.type == "counter" else ""))
    documented = set(NAME.findall(Path(ROOT, "docs", "metrics.md").read_text()))
    assert exported == documented


def test_responses_are_timed_by_endpoint_never_by_path(stranger: FlaskClient) -> None:
    for path in ("/healthz", "/secret-path", "/engagement/secret-path", "/static/secret-path"):
        stranger.get(path)
    text = stranger.get("/metrics").text
    assert "secret-path" not in text
    assert (
        'wihy_response_seconds_bucket{endpoint="monitoring_api.get_health",le="0.005",status="2xx"}' in text
    )
    assert 'wihy_response_seconds_count{endpoint="none",status="4xx"}' in text


def test_refused_sign_ins_and_limits_are_counted(make_app: MakeApp) -> None:
    client = make_app(RATE_LIMIT_CAPTURE="1").test_client()
    before = figures(client)
    client.post("/api/auth/login", json={"email": "ada@example.org", "password": PASSWORD})
    client.get("/api/auth/me")
    send(client)
    send(client)
    after = figures(client)

    def more(name: str, endpoint: str) -> float:
        return after[name][endpoint] - before.get(name, {}).get(endpoint, 0)

    assert more("wihy_authentication_failures_total", "accounts_api.login") == 1
    assert more("wihy_rate_limit_hits_total", "tracking.capture") == 1


def test_queries_are_timed(app: Flask, stranger: FlaskClient) -> None:
    def queries() -> dict[str, Any]:
        families = text_string_to_metric_families(stranger.get("/metrics").text)
        [family] = [one for one in families if one.name == "wihy_database_query_seconds"]
        return {
            sample.labels["operation"]: sample.value
            for sample in family.samples
            if sample.name.endswith("_count")
        }

    before = queries()
    send(stranger)
    changed = {name for name, value in queries().items() if value > before.get(name, 0)}
    assert "insert" in changed
