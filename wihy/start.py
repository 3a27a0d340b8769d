"""What a start does before and around serving: tables, the first admin, the words on the terminal."""

import click
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from config import Settings
from wihy import server
from wihy.accounts.first_admin import ensure_first_admin
from wihy.accounts.models import User
from wihy.core.database import db
from wihy.core.migrations import migrate

FIRST_ADMIN_EMAIL = "admin@localhost"
CREATE_ADMIN = "flask --app wsgi users create --role admin you@example.org"


def prepare(settings: Settings) -> None:
    """Get the database ready to serve, and tell who may sign in; raises `ClickException`."""
    server.refuse_used_port(settings)
    try:
        migrate()
        password = ensure_first_admin(settings)
        has_users = db.session.scalar(select(User.id).limit(1)) is not None
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise click.ClickException(f"the database cannot be used: {reason}") from None
    finally:
        db.session.remove()
    if password:
        click.echo(f"First admin: {FIRST_ADMIN_EMAIL}, password {password} (shown once: keep it)")
    elif not has_users:
        click.echo(f"Nobody can sign in yet. Create an admin: {CREATE_ADMIN}")


def serve(settings: Settings) -> None:
    """Tell the address and become the server."""
    click.echo(f"WIHY runs at {settings.public_url} (Ctrl+C stops it)")
    db.engine.dispose()
    server.run(settings)
