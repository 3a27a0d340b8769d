"""Who works with links."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import add_user, signed_in


@pytest.fixture
def lena(app: Flask) -> FlaskClient:
    """A viewer who may write links."""
    add_user(app, "lena@example.org", permissions=("links:write",))
    return signed_in(app, "lena@example.org")
