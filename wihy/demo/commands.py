"""`flask --app wsgi demo …`: sample data, and a start that shows it."""

import os
import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from wihy import start
from wihy.core import clock
from wihy.core.database import end_reading
from wihy.core.settings import settings
from wihy.demo import access, loading

EVENTS = 200_000
SEED = 1
DEMO_DATABASE = "demo.sqlite"

demo = AppGroup("demo", help="Show WIHY with sample data.")
events_option = click.option(
    "--events", type=click.IntRange(1, 20_000_000), default=EVENTS, show_default=True, help="How many."
)
seed_option = click.option(
    "--seed", default=SEED, show_default=True, help="The same seed makes the same people."
)


@demo.command("load")
@events_option
@seed_option
def load(events: int, seed: int) -> None:
    """Add 90 days of sample events to the database."""
    with click.progressbar(length=events, label=f"Loading {events:,} events") as bar:
        for stored in loading.load(events, seed, clock.now()):
            bar.update(stored)


@demo.command("start")
@events_option
@seed_option
@click.pass_context
def demo_start(context: click.Context, events: int, seed: int) -> None:
    """Start on a database of its own (instance/demo.sqlite, or DATABASE_URL), filled with 90 days of sample data."""
    _use_own_database()
    start.prepare_tables(settings())
    if not loading.has_events():
        end_reading()
        context.invoke(load, events=events, seed=seed)
    access.ensure_people()
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
