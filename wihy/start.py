"""What a start does before serving: the tables, the first admin, the words on the terminal."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

import click
from sqlalchemy.exc import OperationalError

from config import ConfigurationError, Part, Settings
from wihy import server
from wihy.accounts import service as accounts
from wihy.accounts.first_admin import LOCAL_ADMIN, ensure_first_admin
from wihy.core.database import db
from wihy.core.migrations import migrate
from wihy.monitoring.service import clear_shared_folder
from wihy.serve.parts import refuse_lacking, refuse_used_ports, run, told

CREATE_ADMIN = "flask --app wsgi users create --role admin you@example.org"


def prepare_tables(settings: Settings) -> None:
    """Make sure that this process will be able to serve; raises `ClickException` with one clear line."""
    server.refuse_used_port(settings.host, settings.port)
    bring_tables_up_to_date()


def bring_tables_up_to_date() -> None:
    """Migrate, alone; raises `ClickException` with one clear line."""
    with _telling():
        migrate()


def prepare_people(settings: Settings) -> None:
    """Make the first admin where there is none, and tell who may sign in."""
    with _telling():
        password = ensure_first_admin(settings)
        has_users = accounts.has_users()
    if password:
        click.echo(f"First admin: {LOCAL_ADMIN}, password {password} (shown this once)")
    elif not has_users:
        click.echo(f"Nobody can sign in yet. Create an admin: {CREATE_ADMIN}")


def serve(settings: Settings) -> None:
    """Tell the address and become the server."""
    click.echo(f"WIHY runs at {settings.public_url} (Ctrl+C stops it)")
    _let_go_of_the_database()
    clear_shared_folder()
    server.run(settings)


def serve_parts(settings: Settings, chosen: Collection[Part]) -> int:
    """Run the `chosen` parts until they are stopped; returns the exit code."""
    refuse_lacking(settings)
    refuse_used_ports(settings, chosen)
    bring_tables_up_to_date()
    prepare_people(settings)
    for line in told(settings, chosen):
        click.echo(line)
    _let_go_of_the_database()
    return run(settings, chosen)


def _let_go_of_the_database() -> None:
    db.session.remove()
    db.engine.dispose()


@contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except ConfigurationError as error:
        raise click.ClickException(str(error)) from None
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise click.ClickException(f"DATABASE_URL: the database cannot be used: {reason}") from None
