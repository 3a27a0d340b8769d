"""`flask --app wsgi points …`: proving that balances are right."""

import sys

import click
from flask.cli import AppGroup

from wihy.core.database import transaction
from wihy.points.queries import find_differences

points = AppGroup("points", help="Prove customers' points.")


@points.command("check")
def check() -> None:
    """Add up all entries, and compare; ends with 1 where a customer's balance is something else."""
    with transaction(may_take_long=True):
        differences = find_differences()
    for customer_id, balance, entered in differences:
        click.echo(
            f"customer {customer_id}: the balance is {balance.points:,} points and {balance.credit_cents:,} cents, "
            f"the entries add up to {entered.points:,} and {entered.credit_cents:,}"
        )
    click.echo(f"Wrong balances: {len(differences):,}." if differences else "All balances are right.")
    sys.exit(1 if differences else 0)
