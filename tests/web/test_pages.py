"""The way in, robots, and pages that stand when the database does not."""

from pathlib import Path

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from config import load_settings
from tests.conftest import BASE
from wihy.app import create_app


def test_home_leads_to_where_one_belongs(stranger: FlaskClient, vera: FlaskClient) -> None:
    assert stranger.get("/").headers["Location"] == "/login"
    assert vera.get("/").headers["Location"] == "/tracking-dashboard"


def test_robots_are_kept_out(stranger: FlaskClient) -> None:
    answer = stranger.get("/robots.txt")
    assert answer.mimetype == "text/plain"
    for path in ("/engagement", "/tickets", "/l", "/share", "/api"):
        assert f"Disallow: {path}\n" in answer.text


@pytest.mark.parametrize(("cookie", "theme"), [("wihy_theme=dark", "dark"), ("wihy_theme=<b>", ""), ("", "")])
def test_templates_know_the_theme(app: Flask, cookie: str, theme: str) -> None:
    with app.test_request_context("/", headers={"Cookie": cookie}):
        assert render_template_string("{{ theme or '' }}") == theme


def test_templates_know_who_reads_and_where(app: Flask, vera: FlaskClient) -> None:
    headers = {"Authorization": vera.environ_base["HTTP_AUTHORIZATION"]}
    words = (
        "{{ account.email }}{% for place in navigation %} {{ place.label }}:{{ place.current }}{% endfor %}"
    )
    with app.test_request_context("/tracking-admin/x", headers=headers):
        assert (
            render_template_string(words)
            == "vera@example.org Dashboard:False Links:True Partners:False Customers:False"
        )
    with app.test_request_context("/tracking-admin/partners", headers=headers):
        assert (
            render_template_string(words)
            == "vera@example.org Dashboard:False Links:False Partners:True Customers:False"
        )
    with app.test_request_context("/"):
        assert render_template_string("{{ navigation|length }}{{ time_zone }}") == "0UTC"


def test_a_page_that_asks_nothing_stands_without_a_database(tmp_path: Path) -> None:
    settings = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing", "INSTANCE_PATH": str(tmp_path)}
    app = create_app(load_settings({**BASE, **settings}))
    cookie = {"Cookie": "wihy_session=x"}
    assert app.test_client().get("/docs", headers=cookie).status_code == 200
    assert app.test_client().get("/no-such-page", headers=cookie).status_code == 404
