"""Who works with links."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import add_user, signed_in
from wihy.tracking import service as tracking


@pytest.fixture(autouse=True)
def time_to_store() -> Iterator[None]:
    """Let a visitor wait for a slow disk: otherwise they are sent on uncounted, and a busy machine fails the test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tracking, "PATIENCE_ON_THE_WAY_SECONDS", 60.0)
        yield


@pytest.fixture
def lena(app: Flask) -> FlaskClient:
    """A viewer who may write links."""
    add_user(app, "lena@example.org", permissions=("links:write",))
    return signed_in(app, "lena@example.org")
