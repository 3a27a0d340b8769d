"""One line a request, at the right level, with nothing secret in it."""

import logging

import pytest
from flask import Flask
from flask.testing import FlaskClient

SECRETS = ("s3cret", "password", "127.0.0.1", "203.0.113.9", "?")


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """The lines about requests, all levels."""
    caplog.set_level(logging.DEBUG, "wihy.requests")
    return caplog


def lines(log: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in log.records if record.name == "wihy.requests"]


@pytest.mark.parametrize(
    ("method", "path", "body", "level"),
    [
        ("POST", "/api/tracking/capture", {"referrer": "trailhead_weekly"}, "INFO"),
        ("POST", "/api/tracking/capture", {"referrer": "no spaces allowed"}, "WARNING"),
        ("POST", "/api/auth/login", {"email": "ada@example.org", "password": "password"}, "INFO"),
        ("POST", "/api/auth/login", {"email": 7}, "WARNING"),
        ("GET", "/api/auth/me", None, "INFO"),
        ("GET", "/healthz", None, "DEBUG"),
        ("GET", "/static/js/docs.js", None, "DEBUG"),
        ("GET", "/robots.txt?token=s3cret", None, "INFO"),
    ],
)
def test_levels(
    stranger: FlaskClient, log: pytest.LogCaptureFixture, method: str, path: str, body: object, level: str
) -> None:
    answer = stranger.open(path, method=method, json=body, headers={"X-Forwarded-For": "203.0.113.9"})
    answer.close()
    (line,) = lines(log)
    assert line.levelname == level
    assert line.getMessage().startswith(f"{method} {path.partition('?')[0]} {answer.status_code} ")
    assert not any(secret in line.getMessage() for secret in SECRETS)
    assert vars(line)["status"] == answer.status_code
    assert vars(line)["milliseconds"] >= 0


def test_faults_of_ours_are_errors(app: Flask, log: pytest.LogCaptureFixture) -> None:
    app.add_url_rule("/api/broken", view_func=lambda: 1 / 0)
    app.test_client().get("/api/broken")
    assert [line.levelname for line in lines(log)] == ["ERROR"]


def test_a_token_in_the_path_is_left_out(app: Flask, log: pytest.LogCaptureFixture) -> None:
    app.add_url_rule("/share/<token>", view_func=lambda token: token)
    app.test_client().get("/share/s3cret")
    (line,) = lines(log)
    assert "GET /share/*** 200" in line.getMessage()


def test_a_path_cannot_forge_a_line(stranger: FlaskClient, log: pytest.LogCaptureFixture) -> None:
    stranger.get("/x%0AGET /forged 200")
    (line,) = lines(log)
    assert "\n" not in line.getMessage()
