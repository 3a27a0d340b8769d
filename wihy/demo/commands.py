"""`flask --app wsgi demo …`: sample data, and a start that shows it."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import click
import psycopg2
from flask.cli import AppGroup
from sqlalchemy.exc import IntegrityError

from wihy import start
from wihy.core import clock
from wihy.core.database import end_reading
from wihy.core.settings import settings
from wihy.demo import access, bulk, loading, sharing

EVENTS = 200_000
SEED = 1
DEMO_DATABASE = "demo.sqlite"

demo = AppGroup("demo", help="Show WIHY with sample data.")
events_option = click.option(
    "--events", type=click.IntRange(1, 100_000_000), default=EVENTS, show_default=True, help="How many."
)
seed_option = click.option(
    "--seed", default=SEED, show_default=True, help="The same seed makes the same people."
)


@demo.command("load")
@events_option
@seed_option
@click.option("--until", type=click.DateTime(), help="When the 90 days end (UTC). Default: now.")
@click.option("--yes", is_flag=True, help="Add them to what is there, or to a production installation.")
def load(events: int, seed: int, until: datetime | None, yes: bool) -> None:
    """Add the clicks of 300 partners over 90 days: what an installation of that size is measured with.

    The same seed and end make the same clicks. They cannot be taken out again.
    """
    _refuse_unasked(yes)
    end = until.replace(tzinfo=UTC) if until else clock.now()
    began_at, days = monotonic(), []
    try:
        with click.progressbar(length=events, label=f"Loading {events:,} events") as bar:
            for day, stored in bulk.load(events, seed, end):
                days.append(day)
                bar.update(stored)
    except (IntegrityError, psycopg2.IntegrityError):  # COPY is the driver's own
        raise click.ClickException("These events are here already: take another --seed or --until") from None
    loaded_at = monotonic()
    with click.progressbar(length=len(days), label="Counting figures") as bar:
        for _ in bulk.count_figures(days):
            bar.update(1)
    click.echo(
        f"{events / (loaded_at - began_at):,.0f} events a second, figures in {monotonic() - loaded_at:.0f} s"
    )
    for table, count in bulk.row_counts().items():
        click.echo(f"  {table:<20} {count:>12,}")


def _refuse_unasked(yes: bool) -> None:
    """Keep sample data out of databases that hold anything, or serve the public, unless it was asked for."""
    if yes:
        return
    if settings().is_production:
        raise click.ClickException(
            "This is a production installation. If sample data belongs here, say --yes"
        )
    if loading.has_events():
        raise click.ClickException("There are events already. To add sample data to them, say --yes")
    end_reading()


@demo.command("start")
@events_option
@seed_option
def demo_start(events: int, seed: int) -> None:
    """Start on a database of its own (instance/demo.sqlite, or DATABASE_URL), filled with 90 days of sample data."""
    _use_own_database()
    start.prepare_tables(settings())
    if not loading.has_events():
        end_reading()
        with click.progressbar(length=events, label=f"Loading {events:,} events") as bar:
            for stored in loading.load(events, seed, clock.now()):
                bar.update(stored)
    access.ensure_people()
    sharing.ensure_links(access.maker())
    sharing.ensure_shares(access.maker())
    _print_ways_in()
    start.serve(settings())


def _use_own_database() -> None:
    """Begin again on the demo's own file, unless a database was named."""
    folder = Path(settings().instance_path).resolve()
    if settings().database_url == f"sqlite:///{folder / 'wihy.sqlite'}" and "DATABASE_URL" not in os.environ:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder / DEMO_DATABASE}"
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def _print_ways_in() -> None:
    click.echo("\nSample data is ready. Ways in:")
    for way in access.ways_in():
        click.echo(f"  {way.who:<8} {way.address}")
        if way.typed:
            click.echo(f"  {'':<8} {way.typed}")
    click.echo("")
