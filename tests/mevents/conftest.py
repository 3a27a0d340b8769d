"""The stage of interactions: alice (customer 7) and bob (8) with a record of each kind, and what is announced."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import add_customer, signed_in
from tests.mevents.stage import furnish
from wihy.mevents.facts import EngagementAnalyzed, InteractionTracked


@pytest.fixture
def bob(app: Flask, alice: FlaskClient) -> FlaskClient:
    """The client of customer 8, who has records too."""
    add_customer(app, 8, "bob@example.org")
    furnish(app, other=8)
    return signed_in(app, "bob@example.org")


@pytest.fixture
def alice(app: Flask, alice: FlaskClient) -> FlaskClient:
    """The client of customer 7, who has records."""
    furnish(app)
    return alice


@pytest.fixture
def facts(app: Flask) -> list[Any]:
    """What was announced, in order."""
    told: list[Any] = []
    heard = dict(app.extensions["reactions"])
    for kind in (InteractionTracked, EngagementAnalyzed):
        heard[kind] = [*heard.get(kind, ()), told.append]
    app.extensions["reactions"] = heard
    return told
