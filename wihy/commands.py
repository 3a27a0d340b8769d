"""All commands: `flask --app wsgi …`, collected from the rooms."""

import sys

import click
from flask import Flask
from flask.cli import with_appcontext

from config import Part
from wihy.accounts.commands import keys, users
from wihy.audit.commands import audit
from wihy.core.migrations import migrate as bring_up_to_date
from wihy.core.settings import settings
from wihy.customers.commands import records
from wihy.demo.commands import demo
from wihy.jobs.commands import worker
from wihy.points.commands import points
from wihy.start import prepare_people, prepare_tables, serve, serve_parts
from wihy.tracking.commands import figures

PARTS = (Part.WEB, Part.LIVE, Part.WORKER)


@click.command()
@with_appcontext
def start() -> None:
    """Bring the tables up to date, make the first admin, and serve."""
    prepare_tables(settings())
    prepare_people(settings())
    serve(settings())


@click.command("serve")
@click.argument("parts", nargs=-1, type=click.Choice([part.value for part in PARTS]))
@with_appcontext
def serve_in_parts(parts: tuple[str, ...]) -> None:
    """Serve as start does, but in parts behind a proxy: `web` on all cores, `live` with the sockets, and `worker`.

    Names of PARTS choose some of them, for an installation of several hosts. See docs/production.md.
    """
    sys.exit(serve_parts(settings(), [Part(part) for part in parts] or PARTS))


@click.command()
@with_appcontext
def migrate() -> None:
    """Bring the tables up to date (`flask db upgrade` does the same without waiting for others)."""
    bring_up_to_date()
    click.echo("The tables are up to date.")


COMMANDS = (start, serve_in_parts, worker, migrate, users, keys, records, points, figures, audit, demo)


def register(app: Flask) -> None:
    """Give `app` its commands."""
    for command in COMMANDS:
        app.cli.add_command(command)
