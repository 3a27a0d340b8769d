"""The client script as it is served: small, and open to pages of other origins."""

import gzip
from typing import NamedTuple

from flask.testing import FlaskClient
from werkzeug.datastructures import Headers

from config import ROOT

PATH = "/static/wihy.js"
MOST_BYTES = 2560


class Answer(NamedTuple):
    """What was answered."""

    status: int
    headers: Headers
    body: bytes


def ask(client: FlaskClient, path: str = PATH, **headers: str) -> Answer:
    """Ask for a static file, whose handle is closed then."""
    with client.get(path, headers=headers) as answer:
        return Answer(answer.status_code, answer.headers, answer.data)


def test_it_is_small_as_it_is_served(stranger: FlaskClient) -> None:
    answer = ask(stranger, **{"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.body) == (ROOT / "static/wihy.js").read_bytes()
    assert len(answer.body) <= MOST_BYTES


def test_pages_of_other_origins_may_include_it(stranger: FlaskClient) -> None:
    headers = ask(stranger, Origin="https://marketed.example").headers
    assert headers["Content-Type"].startswith("text/javascript")
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "max-age=600" in headers["Cache-Control"]
    assert "Cross-Origin-Resource-Policy" not in ask(stranger, "/static/js/copy.js").headers


def test_a_browser_that_has_it_is_told_so(stranger: FlaskClient) -> None:
    etag = ask(stranger).headers["ETag"]
    assert ask(stranger, **{"If-None-Match": etag}).status == 304
