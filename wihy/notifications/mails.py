"""Mails of notifications: few enough that nobody minds them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from wihy.core import clock
from wihy.core.database import db, wait_for_turn
from wihy.core.settings import settings
from wihy.customers.models import Customer
from wihy.customers.queries import find_customer
from wihy.notifications.models import Notification
from wihy.notifications.queries import find_notification
from wihy.notifications.urls import INBOX
from wihy.notifications.words import write
from wihy.outbox.service import Obsolete, put_mail

TEMPLATE = "notification"
MOST_MAILS, PERIOD = 10, timedelta(hours=1)  # to one customer


def find_recipient(customer_id: int) -> Customer | None:
    """Return the customer if they may get one more mail; until the transaction ends, no other may claim it."""
    wait_for_turn(f"notification mails {customer_id}")
    customer = find_customer(customer_id)
    if customer is None or not _is_reachable(customer) or _count_mailed(customer_id) >= MOST_MAILS:
        return None
    return customer


def put_notification_mail(notification: Notification, customer: Customer) -> None:
    """Have the notification mailed to the customer as soon as the transaction is committed."""
    details = {
        "notificationId": str(notification.id),
        "email": customer.email,
        "language": customer.language,
    }
    put_mail(TEMPLATE, customer.email or "", details, language=customer.language)


def complete_mail(details: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what the mail takes; raises `Obsolete` where the notification is gone, or the address not theirs now."""
    notification = find_notification(UUID(details["notificationId"]))
    customer = find_customer(notification.customer_id) if notification else None
    if notification is None or customer is None or not _is_reachable(customer):
        raise Obsolete
    if customer.email != details["email"]:
        raise Obsolete
    words = write(notification.template, notification.details, details["language"])
    # whose application signs them in cannot sign in here
    link = f"{settings().public_url}{INBOX}" if customer.password_hash else None
    return {"title": words.title, "body": words.body, "link": link}


def _is_reachable(customer: Customer) -> bool:
    return customer.active and customer.email is not None


def _count_mailed(customer_id: int) -> int:
    lately = select(func.count()).where(
        Notification.customer_id == customer_id,
        Notification.created_at > clock.now() - PERIOD,
        Notification.mailed,
    )
    return db.session.scalar(lately.select_from(Notification)) or 0
