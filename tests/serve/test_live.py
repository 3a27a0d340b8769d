"""Sockets through nginx: held by `live`, told by `web`, closed with their session."""

import time

import pytest

from tests.live.listener import Refused, listening, status_of_handshake
from tests.serve.stack import Stack

pytestmark = pytest.mark.xdist_group("production")


def test_a_click_at_web_reaches_a_socket_of_live(stack: Stack) -> None:
    with listening(stack.port, token=stack.token()) as page:
        stack.wait_for_subscription()
        took = []
        for _ in range(5):  # a machine may be busy once, not always
            began = time.monotonic()
            _, event_id = stack.capture()
            name, payload = page.next(30)
            took.append(time.monotonic() - began)
            assert name == "tracking:captured"
            assert payload["events"][0]["id"] == event_id
    assert min(took) < 1


def test_signing_out_closes_the_socket_at_once(stack: Stack) -> None:
    token, other_token = stack.token(), stack.token()
    with listening(stack.port, token=token) as page, listening(stack.port, token=other_token) as other:
        stack.wait_for_subscription()
        headers = {"Authorization": f"Bearer {token}"}
        assert stack.ask("POST", "/api/auth/logout", headers=headers)[0] == 200
        assert page.is_closed(15)
        assert not other.is_closed(0.3)


def test_strangers_and_other_sites_are_refused(stack: Stack) -> None:
    with pytest.raises(Refused, match="Unauthorized"), listening(stack.port):
        pass
    assert status_of_handshake(stack.port, {"Origin": "https://evil.example"}) == 400
    assert status_of_handshake(stack.port, {"Origin": f"http://127.0.0.1:{stack.port}"}) == 101
