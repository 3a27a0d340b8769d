"""What there is to ask for, and the way back to it after each request that changed something."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.access.cast import ALICE
from wihy.accounts.models import ApiKey, User
from wihy.core.database import db, transaction
from wihy.core.ids import new_id
from wihy.notifications.models import Notification
from wihy.notifications.service import notify
from wihy.shares.models import ShareLink

PARTNER, LINK = "kesho_runners", "autumn"
# where a name in a path means something else than elsewhere
HERE: Mapping[str, Mapping[str, Any]] = {
    "/tracking-dashboard/<slug>": {"slug": "campaigns"},
    "/api/records/<kind>/<record_id>": {"kind": "ride"},
    "/settings/<form>/<_rest>": {"form": "users"},
}
# without a body most writes are refused (400) behind the door; these must be read to see who stands before it
BODIES: Mapping[str, Any] = {
    "/api/customer/mevents/tracking/interactions": {"interactionType": "booking_added"},
}


def set_the_scene(app: Flask, admin: FlaskClient, link_holder: FlaskClient) -> dict[str, Any]:
    """Make one thing of each kind; returns the names in paths, and what they stand for."""
    share = {"name": "Agency", "filters": {"campaign": "autumn"}}
    partner = _ok(admin.post("/api/tracking/partner/create", json={"trackingId": PARTNER}))
    _ok(admin.post("/api/tracking/links", json={"slug": LINK, "referrer": PARTNER}))
    shared = _ok(admin.post("/api/tracking/shares", json=share))
    for url in (partner["dashboardUrl"], shared["url"]):
        link_holder.get(url)
    _ok(admin.put("/api/records/ride/1", json={"customerId": ALICE}))
    with app.app_context():
        with transaction():
            notify(ALICE, "points_awarded", {"points": 5})
        return {
            "act": "archive",
            "_act": "archive",
            "_rest": "new",
            "_verb": "rotate",
            "customer_id": ALICE,
            "filename": "wihy.js",
            "form": "password",
            "key_id": db.session.scalar(select(ApiKey.id).where(ApiKey.revoked_at.is_(None))),
            "kind": "svg",
            "notification_id": db.session.scalar(select(Notification.id)),
            "record_id": 1,
            "referrer_id": PARTNER,
            "session_id": new_id(),  # of nobody: people name their own
            "share_id": db.session.scalar(select(ShareLink.id)),
            "slug": LINK,
            "token": shared["url"].rpartition("/")[2],
            "tracking_id": PARTNER,
            "user_id": db.session.scalar(select(User.id).where(User.email == "viewer@example.org")),
        }


def _ok(answer: TestResponse) -> Any:
    assert answer.status_code < 300, answer.text
    return answer.json


class Snapshot:
    """A copy of an SQLite database, to go back to."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._kept = sqlite3.connect(":memory:", check_same_thread=False)
        with closing(sqlite3.connect(file)) as original:
            original.backup(self._kept)

    def restore(self) -> None:
        """Undo whatever was done since."""
        with closing(sqlite3.connect(self._file)) as original:
            self._kept.backup(original)

    def close(self) -> None:
        """Forget it."""
        self._kept.close()
