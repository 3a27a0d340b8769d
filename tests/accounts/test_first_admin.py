"""The first admin."""

from concurrent.futures import ThreadPoolExecutor

import bcrypt
import pytest
from flask import Flask
from sqlalchemy import select

from config import ConfigurationError
from tests.accounts.browsers import signed_in_again
from tests.conftest import MakeApp, add_user
from wihy.accounts.first_admin import ensure_first_admin
from wihy.accounts.models import User
from wihy.core.database import db

HASH = bcrypt.hashpw(b"from the environment", bcrypt.gensalt(4)).decode()
NAMED = {"ADMIN_EMAIL": "Boss@Example.org", "ADMIN_PASSWORD_HASH": HASH}


def start(app: Flask) -> str | None:
    with app.app_context():
        return ensure_first_admin(app.extensions["settings"])


def emails(app: Flask) -> list[tuple[str, str | None]]:
    with app.app_context():
        return [(user.email, user.role) for user in db.session.scalars(select(User).order_by(User.email))]


def test_development_makes_one_up_once(app: Flask) -> None:
    password = start(app)
    assert password is not None
    assert emails(app) == [("admin@localhost", "admin")]
    signed_in_again(app, "admin@localhost", password)
    assert start(app) is None


def test_where_there_are_users_none_is_made_up(app: Flask) -> None:
    add_user(app, "vera@example.org")
    assert start(app) is None
    assert emails(app) == [("vera@example.org", "viewer")]


def test_production_makes_none_up(make_app: MakeApp) -> None:
    app = make_app(WIHY_ENV="production")
    assert start(app) is None
    assert emails(app) == []


@pytest.mark.parametrize("environment", ["development", "production"])
def test_the_environment_names_one(make_app: MakeApp, environment: str) -> None:
    app = make_app(WIHY_ENV=environment, **NAMED)
    add_user(app, "vera@example.org")
    assert start(app) is None
    assert emails(app) == [("boss@example.org", "admin"), ("vera@example.org", "viewer")]


def test_a_later_password_is_never_overwritten(make_app: MakeApp) -> None:
    app = make_app(**NAMED)
    start(app)
    browser = signed_in_again(app, "boss@example.org", "from the environment")
    change = {"currentPassword": "from the environment", "newPassword": "chosen later"}
    token = browser.get("/api/auth/me").json["csrfToken"]
    changed = browser.post("/api/auth/password", json=change, headers={"X-CSRFToken": token})
    assert changed.status_code == 200
    start(app)
    signed_in_again(app, "boss@example.org", "chosen later")


@pytest.mark.parametrize("named", [{}, NAMED])
def test_two_starts_at_once_make_one(make_app: MakeApp, named: dict[str, str]) -> None:
    apps = [make_app(**named) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        passwords = list(threads.map(start, apps))
    assert len(emails(apps[0])) == 1
    assert sum(password is not None for password in passwords) == (0 if named else 1)


def test_a_name_that_is_no_email_stops_the_start(make_app: MakeApp) -> None:
    app = make_app(**NAMED | {"ADMIN_EMAIL": "boss"})
    with pytest.raises(ConfigurationError, match=r"^ADMIN_EMAIL: write an e-mail address"):
        start(app)
