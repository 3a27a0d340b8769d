"""How long a dashboard waits for its figures, at one and at ten million events.

`make bench-analytics`. Each address is asked for through the real application by a signed-in test client: everything
but the network, nothing cached but PostgreSQL's own pages. PostgreSQL is durable, and warm: each address was asked for
once before. The rounds go through all addresses in turn, for other work on the machine disturbs any single moment.
"""

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import click
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from benchmarks.large import large_postgresql, loaded, row_counts
from benchmarks.questions import NAIVE, questions
from benchmarks.results import keep
from config import load_settings
from wihy.accounts import passwords
from wihy.accounts import service as accounts
from wihy.app import create_app
from wihy.core.database import db, transaction
from wihy.core.paging import Cursor
from wihy.server import COLLECT_AFTER
from wihy.tracking.models import Event

WHO = {"email": "bench@example.org", "password": "measured with care"}
DEEP = 0.4  # of all events, newest first, lie before the deep page
Clock = Callable[[], object]


class Timed(NamedTuple):
    """How long one question took, in milliseconds: half and 95 of 100 times at most so long."""

    p50: float
    p95: float
    n: int


@click.command()
@click.option("--events", multiple=True, type=int, default=(1_000_000, 10_000_000), show_default=True)
@click.option("--rounds", default=20, show_default=True)
@click.option(
    "--data", type=click.Path(path_type=Path), help="Keep the databases in this folder for the next run."
)
@click.option("--only", default="", help="Ask only what has this in its name.")
def main(events: tuple[int, ...], rounds: int, data: Path | None, only: str) -> None:
    """Measure and tell."""
    found = {}
    with large_postgresql(data) as server:
        for count in events:
            url = loaded(server, count)
            for table, rows in row_counts(url).items():
                click.echo(f"  {table:<22} {rows:>12,}")
            found[count] = measure(url, rounds, only)
    tell(found)
    keep(
        "analytics",
        {count: {name: each._asdict() for name, each in one.items()} for count, one in found.items()},
    )


def measure(database_url: str, rounds: int, only: str) -> dict[str, Timed]:
    """Return what each question took."""
    with TemporaryDirectory() as folder:
        environment = {"DATABASE_URL": database_url, "INSTANCE_PATH": folder, "LOG_LEVEL": "WARNING"}
        limits = {"RATE_LIMIT_ANALYTICS": "0", "RATE_LIMIT_ADMIN": "0", "FIGURES_CACHE": "off"}
        app = create_app(load_settings({**environment, **limits}))
        client = signed_in(app)
        asked = [one for one in questions(deep_cursor(app)) if only in one.name]
        seen: dict[str, list[float]] = {}
        _collect_as_served()
        for turn in range(rounds + 1):
            for one in asked:
                took = timed(lambda path=one.path: ask(client, path))
                if turn:
                    seen.setdefault(one.name, []).append(took)
        found = {one.name: _told(seen[one.name]) for one in asked}
        naive = {} if only else counted_from_events(app)
        with app.app_context():
            db.engine.dispose()
    return found | naive


def _collect_as_served() -> None:
    """Let the garbage collector run as rarely as it does where WIHY serves."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)


def ask(client: FlaskClient, path: str) -> None:
    """Ask for an address, which must answer."""
    answer = client.get(path)
    if answer.status_code != 200:
        raise click.ClickException(f"{path}: {answer.status_code} {answer.text[:200]}")


def counted_from_events(app: Flask, rounds: int = 3) -> dict[str, Timed]:
    """Return how long plain SQL takes to count the events themselves."""
    found = {}
    with app.app_context():
        db.session.execute(text("SET statement_timeout = 0"))
        for name, statement in NAIVE.items():
            took = [
                timed(lambda asked=statement: db.session.execute(text(asked)).all()) for _ in range(rounds)
            ]
            found[f"SQL on events: {name}"] = _told(took)
        db.session.rollback()
    return found


def signed_in(app: Flask) -> FlaskClient:
    """Return the client of an admin."""
    with app.app_context():
        is_new = accounts.find_user(WHO["email"]) is None
        db.session.rollback()
        if is_new:
            password_hash = passwords.hash_password(WHO["password"])
            with transaction():
                accounts.create_user(WHO["email"], password_hash, "admin")
    token = app.test_client().post("/api/auth/login", json=WHO).json["token"]  # type: ignore[index]
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


def deep_cursor(app: Flask) -> str:
    """Return where a page far behind the newest begins."""
    with app.app_context():
        total = row_counts(str(app.config["SQLALCHEMY_DATABASE_URI"]))["tracking_events"]
        newest = select(Event.timestamp, Event.id).order_by(Event.timestamp.desc(), Event.id.desc())
        return Cursor(*db.session.execute(newest.offset(int(total * DEEP)).limit(1)).one()).to_text()


def timed(work: Callable[[], Any]) -> float:
    """Return how many milliseconds `work` takes."""
    began_at = time.perf_counter()
    work()
    return (time.perf_counter() - began_at) * 1000


def _told(took: list[float]) -> Timed:
    p95 = statistics.quantiles(took, n=20, method="inclusive")[-1] if len(took) > 1 else took[0]
    return Timed(statistics.median(took), p95, len(took))


def tell(found: Mapping[int, Mapping[str, Timed]]) -> None:
    """Print the table: each question with its times at each number of events, `!` where it is above its target."""
    most = {one.name: one.most_ms for one in questions("")}
    click.echo(
        f"{'milliseconds':44}" + "".join(f"{count:>12,} p50 {'p95':>8} {'target':>8}" for count in found)
    )
    for name in next(iter(found.values())):
        line = f"{name:44}"
        for count, one in found.items():
            target = most.get(name, {}).get(count)
            told = f"{target:.0f}{'!' if one[name].p95 > target else ' '}" if target else ""
            line += f"{one[name].p50:16.1f} {one[name].p95:8.1f} {told:>8}"
        click.echo(line)


if __name__ == "__main__":
    main()
