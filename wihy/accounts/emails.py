"""One e-mail belongs to one account, be it of staff or of a customer."""

from sqlalchemy import select

from wihy.accounts.models import User
from wihy.core.database import db, wait_for_turn
from wihy.core.errors import Conflict
from wihy.customers.queries import find_customer_by_email


class EmailTaken(Conflict):
    """Another account has this e-mail."""

    code, message = "EMAIL_TAKEN", "Another account has this e-mail"


def normalised(email: str) -> str:
    """Return `email` as it is stored."""
    return email.strip().lower()


def claim_email(email: str, owner: str | None = None) -> None:
    """Make sure that until this transaction ends nobody but `owner` (`staff:<uuid>`) gets `email` (normalised).

    Raises `EmailTaken`.
    """
    wait_for_turn(f"e-mail {email}")
    user = db.session.scalar(select(User).where(User.email == email))
    for account in (user, find_customer_by_email(email)):
        if account is not None and account.principal != owner:
            raise EmailTaken
