"""Sending visitors on to another address."""

from flask import redirect
from werkzeug.wrappers import Response

HEADERS = {
    "Cache-Control": "no-store",  # a kept answer would lead on without counting
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


def send_on(url: str) -> Response:
    """Lead to `url`, this once."""
    answer = redirect(url, 302)
    answer.headers.update(HEADERS)
    return answer
