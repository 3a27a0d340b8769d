"""`flask --app wsgi figures …`: proving and repairing what is counted."""

import sys

import click
from flask.cli import AppGroup

from wihy.audit.service import record
from wihy.core.database import transaction
from wihy.tracking.figures import check_day, days_with_events, rebuild_day
from wihy.tracking.hours import enter_lacking, lacks
from wihy.tracking.strays import adopt_strays

figures = AppGroup("figures", help="Prove and repair the figures.")


@figures.command("check")
def check() -> None:
    """Recount all events and compare; ends with 1 where a figure differs, or the hours have stored too few."""
    wrong = []
    with click.progressbar(list(days_with_events()), label="Recounting") as days:
        for day in days:
            with transaction(may_take_long=True):
                difference = check_day(day)
            if any(difference):
                wrong.append((day, difference))
    for day, difference in wrong:
        click.echo(f"{day}: {difference.daily} daily and {difference.quarters} quarter-hour figures differ")
    with transaction(may_take_long=True):
        lacking = lacks()
    for lack in lacking:
        click.echo(
            f"since {lack.since:%Y-%m-%d %H:00} UTC: {lack.events:,} events more than the hours have stored"
        )
    is_right = not wrong and not lacking
    click.echo("All figures are right." if is_right else "Figures differ: run `figures rebuild`.")
    sys.exit(0 if is_right else 1)


@figures.command("rebuild")
def rebuild() -> None:
    """Count all events anew, a day at a time, while captures go on; older figures than events stay."""
    adopted = adopt_strays()
    if adopted:
        click.echo(f"Gave {adopted:,} events of others their place.")
    with click.progressbar(list(days_with_events()), label="Counting anew") as days:
        for day in days:
            with transaction(may_take_long=True):
                rebuild_day(day)
    with transaction(may_take_long=True):
        entered = enter_lacking()
        record("FIGURES_REBUILT", "figures", details={"adopted": adopted, "entered": entered})
    if entered:
        click.echo(f"Counted {entered:,} events that the hours lacked as stored in this one.")
