"""Telling a customer something: stored with the change it tells of, or not at all."""

import pytest
from flask import Flask
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from tests.conftest import add_customer
from tests.notifications.telling import rows, tell, tell_of
from wihy.core.database import db, transaction
from wihy.customers.models import Customer
from wihy.customers.service import get_customer
from wihy.notifications.facts import NotificationMade
from wihy.notifications.queries import count_unread, read_inbox
from wihy.notifications.service import notify
from wihy.notifications.words import TEMPLATES


@pytest.fixture
def facts(app: Flask) -> list[NotificationMade]:
    """The facts that were announced, of customers 7 and 8."""
    for customer_id in (7, 8):
        add_customer(app, customer_id)
    announced: list[NotificationMade] = []
    app.extensions["reactions"] = {NotificationMade: [announced.append]}
    return announced


def test_a_notification_is_stored_and_announced(app: Flask, facts: list[NotificationMade]) -> None:
    tell(app)
    [row] = rows(app)
    assert (row.customer_id, row.template, row.details) == (7, "points_awarded", {"points": 5})
    assert (row.read_at, row.mailed) == (None, False)
    assert facts == [NotificationMade(7, row.id)]


def test_inboxes_are_apart(app: Flask, facts: list[NotificationMade]) -> None:
    tell(app, 7)
    tell(app, 8)
    with app.app_context():
        assert [count_unread(customer_id) for customer_id in (7, 8, 9)] == [1, 1, 0]


def test_what_is_rolled_back_was_never_told(app: Flask, facts: list[NotificationMade]) -> None:
    def tell_and_fail() -> None:
        with transaction():
            notify(7, "points_awarded", {"points": 5})
            raise ZeroDivisionError

    with app.app_context(), pytest.raises(ZeroDivisionError):
        tell_and_fail()
    assert rows(app) == []


@pytest.mark.parametrize(("template", "details"), [("nothing", {"points": 5}), ("points_awarded", {})])
def test_a_mistake_shows_where_it_is_made(
    app: Flask, facts: list[NotificationMade], template: str, details: dict[str, int]
) -> None:
    with pytest.raises(KeyError):
        tell_of(app, 7, template, details)
    assert (rows(app), facts) == ([], [])


def test_who_is_no_customer_is_told_nothing(app: Flask, facts: list[NotificationMade]) -> None:
    with pytest.raises(IntegrityError):
        tell(app, 9)
    assert rows(app) == []


def test_what_was_told_goes_with_the_customer(app: Flask, facts: list[NotificationMade]) -> None:
    tell(app)
    with app.app_context(), transaction():
        db.session.execute(delete(Customer).where(Customer.id == 7))
    assert rows(app) == []


def test_what_another_version_told_is_not_shown(
    app: Flask, facts: list[NotificationMade], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setitem(TEMPLATES, "of_tomorrow", TEMPLATES["points_awarded"])
        tell_of(app, 7, "of_tomorrow", {"points": 5})
    tell(app)
    with app.app_context():
        inbox = read_inbox(get_customer(7), limit=10)
    assert [told.template for told in inbox.told] == ["points_awarded"]
    assert inbox.unread == 1
