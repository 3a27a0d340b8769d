"""The stage of the outbox's tests: a real mail server."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.conftest import MakeApp
from tests.servers.mail import Sink, running_sink


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A mail server that takes everything."""
    with running_sink() as sink:
        yield sink


@pytest.fixture
def mailing_app(make_app: MakeApp, sink: Sink) -> Flask:
    """An application that mails to the sink."""
    return make_app(**sink.settings, PUBLIC_URL="https://links.example.org")
