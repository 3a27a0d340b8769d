"""The command that works."""

import click
from flask.cli import with_appcontext

from wihy.core.database import db
from wihy.jobs import service


@click.command()
@with_appcontext
def worker() -> None:
    """Do what the clock asks for: send mails, clean up. `start` and `serve` bring a worker of their own."""
    db.session.remove()
    service.work()
