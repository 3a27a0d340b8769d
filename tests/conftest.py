"""The stage and the cast.

**ada** is an admin, **vera** a viewer, **pat** a partner, **alice** a customer; **stranger** has not signed in. Tests that take `app` (or
anyone of the cast) run twice: on SQLite and on a real PostgreSQL.
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis

from config import Settings, load_settings
from tests.servers.postgresql import PostgreSQL, running_postgresql
from tests.servers.redis import running_redis
from tests.servers.wihy import Start, starting
from wihy.accounts import passwords
from wihy.accounts.keys import create_key
from wihy.accounts.models import User
from wihy.app import create_app
from wihy.core.database import db, transaction
from wihy.core.migrations import migrate
from wihy.customers.service import create_customer

PASSWORD = "correct horse battery staple"
BASE = {
    "JWT_SECRET": "a secret for the tests, thirty-two bytes long",
    "IP_HASH_SECRET": "another secret for the tests",
    "PUBLIC_URL": "http://localhost",
    "LOG_LEVEL": "WARNING",
    "RATE_LIMIT_CAPTURE": "0",
    "RATE_LIMIT_ANALYTICS": "0",
    "RATE_LIMIT_ADMIN": "0",
    "RATE_LIMIT_CUSTOMER": "0",
}

MEMORY = Path("/dev/shm")
ROOM_BYTES = 1024**3

MakeApp = Callable[..., Flask]


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hash with the least work bcrypt allows: its slowness is its point, but not here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "ROUNDS", 4)
        yield


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A real PostgreSQL; its database `template` is empty but migrated."""
    with running_postgresql() as server:
        server.run("CREATE DATABASE template")
        _migrate(server.url("template"), server.folder)
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """A real Redis."""
    with running_redis() as url:
        yield url


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The address of a real Redis that is empty."""
    with Redis.from_url(redis_server) as redis:
        redis.flushall()
    return redis_server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file that is empty but migrated."""
    folder = tmp_path_factory.mktemp("template")
    file = folder / "template.sqlite"
    _migrate(f"sqlite:///{file}", folder)
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return file


def _migrate(url: str, folder: Path) -> None:
    app = create_app(load_settings({**BASE, "DATABASE_URL": url, "INSTANCE_PATH": str(folder / "instance")}))
    with app.app_context():
        migrate()
        db.engine.dispose()


@pytest.fixture
def quick_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder for a database: in memory where there is room, for SQLite waits for the disk at each commit."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM_BYTES:
        with TemporaryDirectory(prefix="wihy-", dir=MEMORY) as folder:
            yield Path(folder)
    else:
        yield tmp_path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, quick_folder: Path) -> Iterator[str]:
    """The address of a migrated database of one's own, of each kind."""
    if request.param == "sqlite":
        file = quick_folder / "test.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    name = f"test_{uuid4().hex}"
    server.run(f"CREATE DATABASE {name} TEMPLATE template STRATEGY file_copy")
    yield server.url(name)
    server.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def make_app(database_url: str, tmp_path: Path) -> Iterator[MakeApp]:
    """Makes applications on the test's database, with settings of the test's own: `make_app(PUBLIC_ENGAGEMENT="off")`."""
    made: list[Flask] = []

    def make(**settings: str) -> Flask:
        environment = {
            **BASE,
            "DATABASE_URL": database_url,
            "INSTANCE_PATH": str(tmp_path / "instance"),
        }
        app = create_app(load_settings({**environment, **settings}))
        app.testing = True
        made.append(app)
        return app

    yield make
    for app in made:
        close(app)


def close(app: Flask) -> None:
    """Let go of the database of `app`, as the end of its process would."""
    if "group_commit" in app.extensions:
        app.extensions["group_commit"].close()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """The application with the settings of most tests: no rate limits."""
    return make_app()


@pytest.fixture
def settings(app: Flask) -> Settings:
    """The settings of `app`."""
    found: Settings = app.extensions["settings"]
    return found


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts WIHY as an operator does, and waits until it serves."""
    with starting(tmp_path) as start:
        yield start


def add_user(app: Flask, email: str, role: str = "viewer", permissions: tuple[str, ...] = ()) -> str:
    """Store a staff user with the cast's password; returns the id."""
    with app.app_context(), transaction():
        user = User(
            email=email,
            password_hash=passwords.hash_password(PASSWORD),
            role=role,
            permissions=list(permissions),
        )
        db.session.add(user)
        db.session.flush()
        return str(user.id)


def add_customer(app: Flask, customer_id: int, email: str | None = None, **columns: object) -> None:
    """Store a customer; one with an e-mail has the cast's password."""
    password = {"password_hash": passwords.hash_password(PASSWORD)} if email else {}
    with app.app_context(), transaction():
        create_customer(customer_id, {"email": email, **password, **columns})


def key_for(app: Flask, *scopes: str) -> FlaskClient:
    """Return a client that sends an API key with these scopes."""
    with app.app_context(), transaction():
        _, key = create_key("a program", scopes)
    client = app.test_client()
    client.environ_base["HTTP_X_API_KEY"] = key
    return client


def signed_in(app: Flask, email: str) -> FlaskClient:
    """Return a client that signs its requests with a bearer token of `email`."""
    answer = app.test_client().post("/api/auth/login", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {answer.json['token']}"
    return client


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    """A client that has not signed in."""
    return app.test_client()


@pytest.fixture
def ada(app: Flask) -> FlaskClient:
    """An admin's client."""
    add_user(app, "ada@example.org", "admin")
    return signed_in(app, "ada@example.org")


@pytest.fixture
def vera(app: Flask) -> FlaskClient:
    """A viewer's client."""
    add_user(app, "vera@example.org")
    return signed_in(app, "vera@example.org")


@pytest.fixture
def alice(app: Flask) -> FlaskClient:
    """The client of customer 7."""
    add_customer(app, 7, "alice@example.org", display_name="Alice Wanjiru")
    return signed_in(app, "alice@example.org")
