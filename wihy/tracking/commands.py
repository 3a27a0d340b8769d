"""`flask --app wsgi figures …`: proving and repairing what is counted."""

import sys

import click
from flask.cli import AppGroup

from wihy.core.database import transaction
from wihy.tracking.figures import check_day, days_with_events, rebuild_day
from wihy.tracking.strays import adopt_strays

figures = AppGroup("figures", help="Prove and repair the figures.")


@figures.command("check")
def check() -> None:
    """Recount all events and compare; ends with 1 where a figure differs."""
    wrong = []
    with click.progressbar(list(days_with_events()), label="Recounting") as days:
        for day in days:
            with transaction():
                difference = check_day(day)
            if any(difference):
                wrong.append((day, difference))
    for day, difference in wrong:
        click.echo(f"{day}: {difference.daily} daily and {difference.quarters} quarter-hour figures differ")
    click.echo("Figures differ: run `figures rebuild`." if wrong else "All figures are right.")
    sys.exit(1 if wrong else 0)


@figures.command("rebuild")
def rebuild() -> None:
    """Count all events anew, a day at a time, while captures go on; older figures than events stay."""
    adopted = adopt_strays()
    if adopted:
        click.echo(f"Gave {adopted:,} events of others their place.")
    with click.progressbar(list(days_with_events()), label="Counting anew") as days:
        for day in days:
            with transaction():
                rebuild_day(day)
