"""`flask --app wsgi records …`: records of host applications, from files."""

import csv
import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from wihy.customers.imports import Refused, UnreadableFile, import_file

MOST_SHOWN = 20

records = AppGroup("records", help="Keep records of host applications.")


@records.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--refused",
    "report",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write all refused lines there, as CSV.",
)
def import_records(file: Path, report: Path | None) -> None:
    """Store the records of FILE (.csv or .ndjson); ends with 1 where lines were refused.

    Good lines are stored, 1,000 in a transaction; the file can be imported again. The columns, or the keys of each
    line, are kind, id, customerId, status and details.
    """
    created, changed = 0, 0
    refused: list[Refused] = []
    try:
        with click.progressbar(length=file.stat().st_size, label=f"Importing {file.name}") as bar:
            for step in import_file(file):
                created, changed = created + step.created, changed + step.changed
                refused += step.refused
                bar.update(step.bytes)
    except UnreadableFile as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Stored {created + changed:,} records: {created:,} new, {changed:,} changed.")
    if refused:
        _tell(refused, report)
        sys.exit(1)


def _tell(refused: list[Refused], report: Path | None) -> None:
    click.echo(f"Refused {len(refused):,} lines:")
    for line in refused[:MOST_SHOWN]:
        click.echo(f"  line {line.line}: {line.reason}")
    if report:
        with report.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("line", "reason"), *refused])
        click.echo(f"All of them stand in {report}.")
    elif len(refused) > MOST_SHOWN:
        click.echo(f"  and {len(refused) - MOST_SHOWN:,} more: --refused FILE writes them all.")
