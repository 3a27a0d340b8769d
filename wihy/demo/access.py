"""Who may look at the demo: an admin, a viewer, a customer, the partners, and who has the link of a shared dashboard.

Their passwords are made of the installation's secret, so that every start can print them and nobody can guess them.
"""

import hmac
from base64 import b32encode
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from wihy.accounts import passwords
from wihy.accounts import service as accounts
from wihy.core import clock
from wihy.core.database import transaction
from wihy.core.settings import settings
from wihy.demo import cast
from wihy.demo.customers import SHOWN_EMAIL, ensure_customers
from wihy.demo.sharing import find_share_token
from wihy.partners import service as partners
from wihy.partners.queries import find_partner
from wihy.partners.urls import page_url
from wihy.shares.urls import share_url

PEOPLE = (("admin", "nadia@demo.example"), ("viewer", "jonas@demo.example"))
PARTNER_DAYS = 365
PARTNERS_SHOWN = 3
REVOKED = cast.PARTNERS[-1][0]  # so that the list shows what that looks like


@dataclass(frozen=True, slots=True)
class Way:
    """How one kind of user gets in: the address, and what to type there."""

    who: str
    address: str
    typed: str = ""


def ensure_people() -> None:
    """Store the demo's admin, viewer, customers and partners, where they are not there yet."""
    for role, email in PEOPLE:
        if accounts.find_user(email) is None:
            password_hash = passwords.hash_password(_password(role))
            with transaction():
                accounts.create_user(email, password_hash, role)
    ensure_customers(_password("customer"))
    with transaction():
        expires_at = clock.now() + timedelta(days=PARTNER_DAYS)
        for tracking_id, name in cast.PARTNERS:
            if find_partner(tracking_id) is None:
                partners.add_partner(tracking_id, name, f"{tracking_id}@demo.example", expires_at)
                if tracking_id == REVOKED:
                    partners.revoke_partner(tracking_id)


def maker() -> UUID | None:
    """Return the id of the demo's admin, who made its links and shares."""
    admin = accounts.find_user(PEOPLE[0][1])
    return admin.id if admin else None


def ways_in() -> list[Way]:
    """Return a ready link for each kind of user."""
    public_url = settings().public_url
    partners = [tracking_id for tracking_id, _ in cast.PARTNERS[:PARTNERS_SHOWN]]
    return [
        *(Way(role, f"{public_url}/login", f"{email}  {_password(role)}") for role, email in PEOPLE),
        Way("customer", f"{public_url}/login", f"{SHOWN_EMAIL}  {_password('customer')}"),
        *(Way("partner", page_url(tracking_id, _partner_token(tracking_id))) for tracking_id in partners),
        Way("anyone", f"{public_url}/engagement/{partners[0]}"),
        Way("share", share_url(find_share_token() or "")),
    ]


def _password(role: str) -> str:
    digest = hmac.digest(settings().jwt_secret.encode(), f"demo {role}".encode(), "sha256")
    return b32encode(digest)[:16].decode().lower()


def _partner_token(tracking_id: str) -> str:
    partner = find_partner(tracking_id)
    return (partner and partner.capability.find_token()) or ""
