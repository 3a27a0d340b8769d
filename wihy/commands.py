"""All commands: `flask --app wsgi …`, collected from the rooms."""

import click
from flask import Flask
from flask.cli import with_appcontext

from wihy.accounts.commands import keys, users
from wihy.core.migrations import migrate as bring_up_to_date
from wihy.core.settings import settings
from wihy.demo.commands import demo
from wihy.start import prepare_people, prepare_tables, serve
from wihy.tracking.commands import figures


@click.command()
@with_appcontext
def start() -> None:
    """Bring the tables up to date, make the first admin, and serve."""
    prepare_tables(settings())
    prepare_people(settings())
    serve(settings())


@click.command()
@with_appcontext
def migrate() -> None:
    """Bring the tables up to date (`flask db upgrade` does the same without waiting for others)."""
    bring_up_to_date()
    click.echo("The tables are up to date.")


COMMANDS = (start, migrate, users, keys, figures, demo)


def register(app: Flask) -> None:
    """Give `app` its commands."""
    for command in COMMANDS:
        app.cli.add_command(command)
