"""What the tests of notifications share: telling a customer something, and looking at what is stored."""

from typing import Any

from flask import Flask

from wihy.core.database import db, transaction
from wihy.notifications.models import Notification
from wihy.notifications.service import notify


def tell(app: Flask, customer_id: int = 7, points: int = 5, *, mail: bool = False) -> None:
    """Tell a customer that an interaction brought points."""
    tell_of(app, customer_id, "points_awarded", {"points": points}, mail=mail)


def tell_of(
    app: Flask, customer_id: int, template: str, details: dict[str, Any], *, mail: bool = False
) -> None:
    """Tell a customer anything."""
    with app.app_context(), transaction():
        notify(customer_id, template, details, mail=mail)


def rows(app: Flask) -> list[Notification]:
    """Return what is stored, the oldest first."""
    with app.app_context():
        return list(db.session.query(Notification).order_by(Notification.id))
