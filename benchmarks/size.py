"""How many bytes an event takes, with all indexes, figures and visitors.

`make bench-size`. Visitors are those of the last nine days, as they are forgotten then; addresses and user agents are
all there, as they are for 90 days.
"""

from pathlib import Path

import click

from benchmarks.large import ask, large_postgresql, loaded
from benchmarks.results import keep

MOST_BYTES = 450
RELATIONS = """
SELECT coalesce(owner.relname, it.relname), it.relname, it.relkind = 'i',
    pg_relation_size(it.oid) + coalesce(pg_total_relation_size(nullif(it.reltoastrelid, 0)), 0)
FROM pg_class it LEFT JOIN pg_index ON indexrelid = it.oid LEFT JOIN pg_class owner ON owner.oid = indrelid
WHERE it.relnamespace = 'public'::regnamespace AND it.relkind IN ('r', 'i')
    AND coalesce(owner.relname, it.relname) IN (
        'tracking_events', 'combinations', 'daily_figures', 'quarter_hour_figures', 'daily_visitors', 'visitor_day_keys'
    )
ORDER BY sum(pg_relation_size(it.oid)) OVER (PARTITION BY coalesce(owner.relname, it.relname)) DESC, 3, 4 DESC
"""


@click.command()
@click.option("--events", default=10_000_000, show_default=True)
@click.option(
    "--data", type=click.Path(path_type=Path), help="Keep the database in this folder for the next run."
)
def main(events: int, data: Path | None) -> None:
    """Measure and tell."""
    with large_postgresql(data) as server:
        rows = ask(loaded(server, events), RELATIONS)
    click.echo(f"{'bytes for each event':42} {'bytes':>16}")
    for _, name, is_index, size in rows:
        click.echo(f"{'  ' * is_index + name:42} {size:16,} {size / events:10.1f}")
    total = sum(size for *_, size in rows) / events
    click.echo(f"{'all':42} {'':16} {total:10.1f}  (at most {MOST_BYTES})")
    keep(
        "size",
        {"events": events, "bytes_per_event": total, "relations": {name: size for _, name, _, size in rows}},
    )


if __name__ == "__main__":
    main()
