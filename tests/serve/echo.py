"""A WSGI application behind the real gateway that tells what it was asked; Granian serves it in the gateway's tests."""

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from wihy.serve.gateway import LARGEST_IN_MEMORY, Gateway

LINES = 200


def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer by the address: what was asked, line by line, at length, a mistake, or nothing."""
    path = environ["PATH_INFO"]
    if path == "/mistake":
        raise RuntimeError("a mistake")
    if path == "/lines":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return Lines(Path(os.environ["ECHO_NOTES"]))
    if environ["QUERY_STRING"] == "long":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"x" * LARGEST_IN_MEMORY] * 2
    body = environ["wsgi.input"].read()
    told = {name: value for name, value in environ.items() if isinstance(value, str)}
    answer = json.dumps({**told, "body": body[:100].decode("latin-1"), "length": len(body)}).encode()
    headers = [("Content-Length", str(len(answer))), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
    start_response("200 OK", headers)
    return [b""] if environ["REQUEST_METHOD"] == "HEAD" else [answer]


class Lines:
    """Lines that come slowly; notes how many were asked for, and its end."""

    def __init__(self, notes: Path) -> None:
        self._notes = notes

    def __iter__(self) -> Iterator[bytes]:
        for number in range(LINES):
            self._notes.write_text(str(number))
            yield b"x" * 65_536 + b"\n"
            time.sleep(0.02)

    def close(self) -> None:
        """Note the end."""
        self._notes.with_suffix(".closed").touch()


app = Gateway(echo, 4, captures_here=True)
