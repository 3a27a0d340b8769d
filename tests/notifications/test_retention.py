"""How long notifications are kept."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from tests.conftest import add_customer
from tests.notifications.telling import rows, tell
from wihy.core import clock
from wihy.core.database import db, transaction
from wihy.jobs.schedule import JOBS
from wihy.notifications import retention
from wihy.notifications.models import Notification

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("made_ago", "read_ago", "is_kept"),
    [
        (90 * DAY + MINUTE, 90 * DAY + MINUTE, False),
        (200 * DAY, 90 * DAY - MINUTE, True),
        (365 * DAY - MINUTE, None, True),
        (365 * DAY + MINUTE, None, False),
        (365 * DAY + MINUTE, MINUTE, False),
        (MINUTE, None, True),
    ],
)
def test_what_is_old_enough_goes(
    app: Flask, made_ago: timedelta, read_ago: timedelta | None, is_kept: bool
) -> None:
    add_customer(app, 7)
    tell(app)
    now = clock.now()
    moments = {"created_at": now - made_ago, "read_at": now - read_ago if read_ago else None}
    with app.app_context(), transaction():
        db.session.execute(update(Notification).values(moments))
    with app.app_context():
        JOBS["notifications clean-up"].act()
    assert len(rows(app)) == is_kept


def test_many_go_in_several_steps(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    add_customer(app, 7)
    for _ in range(5):
        tell(app)
    with app.app_context(), transaction():
        db.session.execute(update(Notification).values(created_at=clock.now() - 366 * DAY))
    tell(app)
    with app.app_context():
        retention.forget_old()
    assert len(rows(app)) == 1
