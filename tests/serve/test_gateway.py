"""The gateway, served by a real Granian: what is sent arrives as PEP 3333 has it, what is answered leaves whole."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest

from config import ROOT
from tests.serve.echo import LINES
from tests.servers.granian import command
from tests.servers.processes import accepts_connections, free_port, stop, wait_until
from wihy.serve.gateway import CAPTURE, LARGEST_BODY, LARGEST_IN_MEMORY

PIECE = b"x" * 65_536


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file in which the application notes how far it came."""
    return tmp_path_factory.mktemp("echo") / "notes"


@pytest.fixture(scope="module")
def port(notes: Path) -> Iterator[int]:
    """A server of the echo."""
    number = free_port()
    environment = {**os.environ, "ECHO_NOTES": str(notes)}
    process = subprocess.Popen(command("tests.serve.echo:app", number, 1), cwd=ROOT, env=environment)
    try:
        wait_until(lambda: accepts_connections(number), seconds=60, what="Granian")
        yield number
    finally:
        stop(process)


def asked(
    port: int, method: str, path: str, body: Any = None, **headers: str
) -> tuple[HTTPResponse, dict[str, Any]]:
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as client:
        client.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = client.getresponse()
        content = answer.read()
    return answer, json.loads(content) if content else {}


def sent(port: int, *lines: bytes) -> dict[str, Any]:
    """Send `lines` as a request's head; returns what the application was told."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=30)) as client:
        client.sendall(b"\r\n".join([*lines, b"Host: localhost", b"Connection: close", b"", b""]))
        answer = HTTPResponse(client)
        answer.begin()
        told: dict[str, Any] = json.loads(answer.read())
        return told


@pytest.mark.parametrize("path", [CAPTURE, "/other"])  # in the loop, and in a thread
def test_a_request_arrives_as_the_standard_has_it(port: int, path: str) -> None:
    answer, told = asked(port, "POST", path + "?a=%20b&c", b"body", X_One="1", Content_Type="text/plain")
    assert answer.status == 200
    assert answer.headers.get_all("Set-Cookie") == ["a=1", "b=2"]
    assert told["REQUEST_METHOD"] == "POST"
    assert (told["PATH_INFO"], told["QUERY_STRING"], told["SCRIPT_NAME"]) == (path, "a=%20b&c", "")
    assert (told["REMOTE_ADDR"], told["SERVER_PORT"]) == ("127.0.0.1", str(port))
    assert (told["CONTENT_TYPE"], told["CONTENT_LENGTH"], told["HTTP_X_ONE"]) == ("text/plain", "4", "1")
    assert (told["wsgi.url_scheme"], told["SERVER_PROTOCOL"]) == ("http", "HTTP/1.1")
    assert (told["body"], told["length"]) == ("body", 4)


def test_a_path_is_decoded_to_bytes(port: int) -> None:
    assert sent(port, b"GET /caf%C3%A9%2Fx HTTP/1.1")["PATH_INFO"] == "/café/x".encode().decode("latin-1")


def test_a_query_is_bytes(port: int) -> None:
    assert sent(port, "GET /?q=日 HTTP/1.1".encode())["QUERY_STRING"] == "q=日".encode().decode("latin-1")


def test_an_underscore_passes_for_no_hyphen(port: int) -> None:
    told = sent(port, b"GET / HTTP/1.1", b"X-Forwarded-For: 192.0.2.1", b"X_Forwarded_For: 192.0.2.2")
    assert told["HTTP_X_FORWARDED_FOR"] == "192.0.2.1"


@pytest.mark.parametrize("path", [CAPTURE, "/other"])
def test_a_long_answer_arrives_whole(port: int, path: str) -> None:
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as client:
        client.request("POST", f"{path}?long", b"body")
        assert len(client.getresponse().read()) == 2 * LARGEST_IN_MEMORY


def test_what_is_sent_several_times_is_joined(port: int) -> None:
    told = sent(port, b"GET / HTTP/1.1", b"X-Two: 1", b"X-Two: 2", b"Cookie: a=1", b"Cookie: b=2")
    assert told["HTTP_X_TWO"] == "1,2"
    assert told["HTTP_COOKIE"] == "a=1; b=2"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_nothing_is_sent_without_a_body(port: int, method: str) -> None:
    answer, told = asked(port, method, "/")
    assert answer.status == 200
    assert int(answer.headers["Content-Length"]) > 0
    assert told.get("length", 0) == 0


@pytest.mark.parametrize("size", [0, 1, LARGEST_IN_MEMORY - 1, 3 * LARGEST_IN_MEMORY])
def test_a_body_of_any_size_arrives_whole(port: int, size: int) -> None:
    assert asked(port, "POST", "/", b"x" * size)[1]["length"] == size
    pieces = (b"x" * min(65_536, size - start) for start in range(0, size, 65_536))
    assert asked(port, "POST", CAPTURE, pieces)[1]["length"] == size  # announced by no length


def test_what_is_too_large_is_not_kept(port: int) -> None:
    pieces = (PIECE for _ in range(2 * LARGEST_BODY // len(PIECE)))
    told = asked(port, "POST", "/", pieces)[1]
    assert LARGEST_BODY < told["length"] <= LARGEST_BODY + LARGEST_IN_MEMORY
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as client:
        client.putrequest("POST", "/")
        client.putheader("Content-Length", str(LARGEST_BODY + 1))
        client.endheaders()
        answer = client.getresponse()  # at once: it waits for none of it
        assert json.loads(answer.read())["length"] == 0


@pytest.mark.parametrize("path", [CAPTURE, "/other"])
def test_half_a_body_holds_up_nobody(port: int, path: str) -> None:
    stalled = [socket.create_connection(("127.0.0.1", port)) for _ in range(16)]  # more than threads
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx".encode()
    for client in stalled:
        client.sendall(head)
    assert asked(port, "POST", path, b"whole")[1]["body"] == "whole"
    for client in stalled:
        client.close()
    assert asked(port, "POST", path, b"whole")[0].status == 200


def test_a_mistake_is_an_answer(port: int) -> None:
    assert asked(port, "GET", "/mistake")[0].status == 500
    assert asked(port, "GET", "/")[0].status == 200


def test_pieces_are_sent_as_they_come(port: int, notes: Path) -> None:
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as client:
        client.request("GET", "/lines")
        answer = client.getresponse()
        first = answer.read(100)
        assert int(notes.read_text()) < LINES - 1
        assert len(first + answer.read()) == LINES * (len(PIECE) + 1)
    wait_until(notes.with_suffix(".closed").exists, what="the end")


def test_who_hangs_up_ends_the_answer(port: int, notes: Path) -> None:
    notes.with_suffix(".closed").unlink(missing_ok=True)
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as client:
        client.request("GET", "/lines")
        client.getresponse().read(100)
    wait_until(notes.with_suffix(".closed").exists, seconds=30, what="the end")
    assert int(notes.read_text()) < LINES - 1
