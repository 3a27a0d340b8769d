"""What clients meet at nginx: the pages, their own address, the right scheme, their own limits."""

import json
import socket
import ssl
from contextlib import ExitStack, closing
from http.client import HTTPSConnection

import pytest

from tests.serve.stack import CAPTURE, CLIENT, IP_HASH_SECRET, Stack, ask
from tests.servers.nginx import running_nginx
from tests.servers.processes import free_port
from tests.tracking.captures import BROWSER
from wihy.core.clock import now
from wihy.tracking.addresses import address_digest

pytestmark = pytest.mark.xdist_group("production")

STALLED = 120  # many more than web has threads


def test_the_login_page_comes_whole(stack: Stack) -> None:
    status, headers, page = stack.ask("GET", "/login", headers={"Accept-Encoding": "gzip"})
    assert status == 200
    assert headers["Content-Type"].startswith("text/html")
    assert headers["Content-Encoding"] == "gzip"
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert page


def test_static_files_are_kept_by_their_version_alone(stack: Stack) -> None:
    _, _, page = stack.ask("GET", "/login")
    (address, *_) = [
        part.split('"')[0] for part in page.decode().split('src="') if part.startswith("/static/")
    ]
    assert "?v=" in address
    assert "immutable" in str(stack.ask("GET", address)[1]["Cache-Control"])
    assert "immutable" not in str(stack.ask("GET", address.split("?")[0])[1]["Cache-Control"])


@pytest.mark.parametrize(
    "claimed", [{}, {"X-Forwarded-For": "203.0.113.9"}, {"X_Forwarded_For": "203.0.113.9"}]
)
def test_a_click_is_the_clients_whatever_it_claims(stack: Stack, claimed: dict[str, str]) -> None:
    days = {now().date()}
    status, event_id = stack.capture(claimed)
    days.add(now().date())
    assert status == 201
    [(digest,)] = stack.query(f"SELECT ip_address FROM tracking_events WHERE id = '{event_id}'")
    assert digest in {address_digest(IP_HASH_SECRET, day, CLIENT) for day in days}


def test_the_scheme_is_what_nginx_saw(stack: Stack) -> None:
    """A page of our own may capture: its origin is told by scheme, name and port."""
    own = {"Origin": f"http://127.0.0.1:{stack.port}", "X-Forwarded-Proto": "https"}
    assert stack.capture(own)[0] == 201
    assert stack.capture({"Origin": f"https://127.0.0.1:{stack.port}"})[0] == 403


def test_the_lines_for_tls_serve_by_tls(stack: Stack) -> None:
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with (
        running_nginx(stack.server.port, stack.live_port, tls=True) as port,
        closing(HTTPSConnection("localhost", port, timeout=15, context=trusting)) as client,
    ):
        headers = {"Content-Type": "application/json", "Origin": f"https://localhost:{port}"}
        client.request("POST", CAPTURE, json.dumps({"referrer": "lumen", "userAgent": BROWSER}), headers)
        assert client.getresponse().status == 201


def test_cookies_are_for_secure_connections(stack: Stack) -> None:
    _, headers, _ = stack.ask("GET", "/login")
    assert "; Secure" in str(headers["Set-Cookie"])


@pytest.mark.parametrize("path", ["/metrics", "//metrics", "/%6detrics", "/x/../metrics", "/metrics?token=x"])
def test_metrics_are_not_for_outside(stack: Stack, path: str) -> None:
    status, _, body = stack.ask("GET", path)
    assert (status, json.loads(body)["code"]) == (404, "NOT_FOUND")


def test_a_body_too_large_is_told_in_the_envelope(stack: Stack) -> None:
    status, _, body = stack.ask("POST", CAPTURE, "x" * 3_000_000)
    assert (status, json.loads(body)["code"]) == (413, "PAYLOAD_TOO_LARGE")
    status, headers, _ = stack.ask("POST", "/login", "x" * 3_000_000)
    assert (status, headers["Content-Type"]) == (413, "text/html")


@pytest.mark.parametrize(
    "beginning",
    [
        b"",
        b"POST " + CAPTURE.encode() + b" HTTP/1.1\r\nHost: localhost\r\n",
        b"POST " + CAPTURE.encode() + b" HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b'Content-Length: 1000\r\n\r\n{"ref',
    ],
    ids=["silent", "half a head", "half a body"],
)
def test_those_who_stop_in_the_middle_hold_nobody_up(stack: Stack, beginning: bytes) -> None:
    with ExitStack() as stalled:
        for _ in range(STALLED):
            connection = stalled.enter_context(socket.create_connection(("127.0.0.1", stack.port)))
            connection.sendall(beginning)
        for _ in range(5):
            assert stack.capture()[0] == 201
        assert stack.ask("GET", "/login")[0] == 200


def test_those_who_do_not_read_hold_nobody_up(stack: Stack) -> None:
    asking = b"GET /static/vendor/tabler.min.css HTTP/1.1\r\nHost: localhost\r\n\r\n" * 4
    with ExitStack() as deaf:
        for _ in range(40):
            connection = deaf.enter_context(socket.create_connection(("127.0.0.1", stack.port)))
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.sendall(asking)
        for _ in range(10):
            assert stack.capture()[0] == 201


def test_parts_that_are_away_are_a_fault_that_passes() -> None:
    with running_nginx(free_port(), free_port()) as port:
        for path, kind in (("/api/tracking/stats", "application/json"), ("/login", "text/html")):
            status, headers, body = ask(port, "GET", path)
            assert (status, headers["Retry-After"], headers["Content-Type"]) == (503, "5", kind)
            assert kind == "text/html" or json.loads(body)["code"] == "SERVICE_UNAVAILABLE"
