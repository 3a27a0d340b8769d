"""What goes out small: compressed answers, and static files that browsers keep."""

import gzip
import os
import re
from pathlib import Path

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from tests.accounts.browsers import a_browser, csrf_token
from tests.analytics.events import Sent, store
from wihy.core.clock import now

GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture
def folder(app: Flask, tmp_path: Path) -> Path:
    """The folder of static files, with a long one and a short one."""
    (tmp_path / "long.css").write_text("a { color: red }\n" * 500)
    (tmp_path / "short.css").write_text("a {}")
    app.static_folder = str(tmp_path)
    return tmp_path


def address(app: Flask, name: str) -> str:
    with app.test_request_context("/"):
        return render_template_string("{{ url_for('static', filename=name) }}", name=name)


def test_pages_and_json_are_compressed_where_they_are_long(stranger: FlaskClient) -> None:
    page = stranger.get("/docs", headers=GZIP)
    plain = stranger.get("/docs")
    assert page.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(page.data) == plain.data
    assert plain.headers["Vary"] == page.headers["Vary"] == "Accept-Encoding"
    document = stranger.get("/openapi.json", headers=GZIP)
    assert document.headers["Content-Encoding"] == "gzip"
    short = stranger.get("/healthz", headers=GZIP)
    assert "Content-Encoding" not in short.headers
    assert stranger.get("/docs", headers={"Accept-Encoding": "gzip, br"}).headers["Content-Encoding"] == "br"


def test_streams_flow_as_they_are(app: Flask, vera: FlaskClient) -> None:
    store(app, [Sent(now()) for _ in range(30)])
    for kind in ("csv", "ndjson"):
        answer = vera.get("/api/tracking/events", query_string={"format": kind}, headers=GZIP)
        assert len(answer.data) > 1024
        assert "Content-Encoding" not in answer.headers


def test_the_token_of_forms_is_written_differently_each_time(app: Flask) -> None:
    browser = a_browser(app, "vera@example.org")
    first, second = csrf_token(browser), csrf_token(browser)
    assert first != second
    body = {"currentPassword": "wrong", "newPassword": "wrong too, but long"}

    def is_refused(token: str) -> bool:
        answer = browser.post("/api/auth/password", json=body, headers={"X-CSRFToken": token})
        return "csrf_token" in answer.text

    assert not is_refused(first)
    assert not is_refused(second)
    for wrong in (first[:-4] + "AAAA", first[4:], "é", "x", "AAAA", ""):
        assert is_refused(wrong), wrong


def test_a_named_file_is_kept_for_a_year_and_another_content_has_another_name(
    app: Flask, folder: Path, stranger: FlaskClient
) -> None:
    first = address(app, "long.css")
    assert re.fullmatch(r"/static/long\.css\?v=[0-9a-f]{10}", first)
    answer = stranger.get(first)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    answer.close()
    (folder / "long.css").write_text("b {}\n" * 500)
    os.utime(folder / "long.css", (1, 1))
    assert address(app, "long.css") != first
    for other in ("/static/long.css", first, "/static/long.css?v="):  # a name that is no longer its own
        answer = stranger.get(other)
        assert answer.headers["Cache-Control"] == "no-cache"
        answer.close()


def test_static_files_are_compressed_and_asked_about_again(
    app: Flask, folder: Path, stranger: FlaskClient
) -> None:
    plain = stranger.get("/static/long.css")
    packed = stranger.get("/static/long.css", headers=GZIP)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
    assert plain.headers["ETag"] != packed.headers["ETag"]
    for known, headers in ((plain, {}), (packed, GZIP)):
        again = stranger.get("/static/long.css", headers={"If-None-Match": known.headers["ETag"], **headers})
        assert (again.status_code, again.data) == (304, b"")
        again.close()
    part = stranger.get("/static/long.css", headers={"Range": "bytes=0-3", **GZIP})
    assert (part.status_code, part.data) == (206, b"a { ")
    short = stranger.get("/static/short.css", headers=GZIP)
    assert "Content-Encoding" not in short.headers
    for answer in (plain, short, part):
        answer.close()


def test_what_is_not_there_is_not_found(folder: Path, stranger: FlaskClient, app: Flask) -> None:
    for name in ("none.css", "../conftest.py", "%00", "long.css/x"):
        assert stranger.get(f"/static/{name}", headers=GZIP).status_code == 404
    assert address(app, "none.css") == "/static/none.css"
