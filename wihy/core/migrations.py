"""Bringing the tables up to date, once at a time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask, current_app
from flask_migrate import Migrate, upgrade
from sqlalchemy import text

from config import ROOT
from wihy.core.database import db, is_postgresql

FOLDER = ROOT / "migrations"
LOCK = 0x77696879  # "wihy"


def register(app: Flask) -> None:
    """Give `app` the migrations and `flask --app wsgi db`."""
    Migrate(app, db, directory=str(FOLDER), render_as_batch=True, compare_type=True)


def migrate() -> None:
    """Bring the database to the newest revision; of several starts at once, one does it and the others wait."""
    with _alone():
        upgrade(directory=str(FOLDER))


@contextmanager
def _alone() -> Iterator[None]:
    if is_postgresql():
        with db.engine.connect() as connection:
            connection.execute(text("SET statement_timeout = 0; SET lock_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK})
            yield
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})
        return
    folder = Path(current_app.instance_path)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "migrate.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
