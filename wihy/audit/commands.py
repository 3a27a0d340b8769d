"""`flask --app wsgi audit …`: whether the audit log is as it was written."""

import re
import sys

import click
from flask.cli import AppGroup

from wihy.audit.verifying import verify as verify_log

NOTED = re.compile(r"(\d{1,9}):([0-9a-f]{64})")

audit = AppGroup("audit", help="Verify the audit log.")


@audit.command("verify")
@click.option("--noted", metavar="NUMBER:DIGEST", help="A seal that was noted elsewhere: it must be there.")
def verify(noted: str | None) -> None:
    """Find entries that were changed, taken out or moved; ends with 1 where there are any.

    Note the last seal, which this tells, outside of the database: who can write there can also cut off its end.
    """
    verdict = verify_log(_read(noted) if noted else None)
    for problem in verdict.problems:
        click.echo(problem)
    click.echo(f"{verdict.entries:,} entries in {verdict.seals:,} seals, {verdict.waiting:,} not sealed yet.")
    if verdict.last:
        click.echo(f"Last seal: {verdict.last.number}:{verdict.last.digest}")
    click.echo("The audit log was tampered with." if verdict.problems else "All is as it was written.")
    sys.exit(1 if verdict.problems else 0)


def _read(noted: str) -> tuple[int, str]:
    found = NOTED.fullmatch(noted.strip())
    if found is None:
        raise click.BadParameter("write it as it was told: 17:0f3c…", param_hint="--noted")
    return int(found[1]), found[2]
