"""Who and what is asked about."""

import pytest
from flask import Flask

from wihy.core.database import transaction
from wihy.partners.service import add_partner


@pytest.fixture
def john(app: Flask) -> str:
    """A partner, by their tracking id."""
    with app.app_context(), transaction():
        return add_partner("partner_john", "John", None, None).partner.tracking_id
