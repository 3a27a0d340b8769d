"""Invitations: the link is made again when the mail leaves, and only if it still opens the page."""

import pytest
from flask import Flask

from wihy.core.database import transaction
from wihy.core.errors import InvalidRequest
from wihy.partners.invitations import invite_mail, invite_partner
from wihy.partners.queries import find_partner
from wihy.partners.service import add_partner, revoke_partner, rotate_token


def test_an_invitation_gives_a_new_link_and_stores_none(app: Flask) -> None:
    with app.app_context(), transaction():
        old = add_partner("anna", "Anna Media", "anna@example.org", None).token
        issued, details = invite_partner("anna")
        assert details == {"trackingId": "anna", "version": 2}
        assert issued.token != old
        assert invite_mail(details) == {
            "name": "Anna Media",
            "link": f"http://localhost/engagement/anna?token={issued.token}",
            "expires_at": None,
        }


@pytest.mark.parametrize("end", [rotate_token, revoke_partner])
def test_a_link_that_ended_meanwhile_is_not_sent(app: Flask, end: object) -> None:
    with app.app_context(), transaction():
        add_partner("anna", None, "anna@example.org", None)
        _, details = invite_partner("anna")
        end("anna")  # type: ignore[operator]
        assert invite_mail(details) is None


def test_without_an_address_nothing_changes(app: Flask) -> None:
    with app.app_context():
        with transaction():
            add_partner("anna", None, None, None)
        with pytest.raises(InvalidRequest), transaction():
            invite_partner("anna")
        partner = find_partner("anna")
        assert partner
        assert partner.token_version == 1
