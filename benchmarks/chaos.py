"""`make chaos`: kill the application, one of its workers or PostgreSQL, round after round, while clients capture.

PostgreSQL is durable and recovers from its log; clients repeat what was not acknowledged, with the same `eventId`. At
the end nothing acknowledged may be lost and nothing counted twice.
"""

import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import click

from benchmarks.large import DURABLE, flask
from benchmarks.results import keep
from tests.chaos import Chaos, Kind, Round, Verdict, chaos, verdict
from tests.servers.granian import Granian
from tests.servers.postgresql import running_postgresql
from tests.servers.processes import free_port


@click.command()
@click.option("--rounds", default=20, show_default=True)
@click.option("--clients", default=16, show_default=True)
@click.option("--workers", default=2, show_default=True)
@click.option("--seed", default=1, show_default=True, help="Chooses what is killed, and when.")
def main(rounds: int, clients: int, workers: int, seed: int) -> None:
    """Kill and tell."""
    with TemporaryDirectory() as folder, running_postgresql(**DURABLE) as postgresql:
        postgresql.run("CREATE DATABASE chaos")
        url = postgresql.url("chaos")
        environment = {
            "DATABASE_URL": url,
            "INSTANCE_PATH": folder,
            "RATE_LIMIT_CAPTURE": "0",
            "LOG_LEVEL": "ERROR",
        }
        flask(url, "migrate", **environment)
        server = Granian(free_port(), workers, environment, Path(folder) / "log")
        try:
            server.start()
            with chaos(postgresql, server, clients) as running:
                seen = kill(running, rounds, Random(seed))
        finally:
            server.kill()
        found = verdict(url, running.sent.acknowledged)
        tell(seen, len(running.sent.acknowledged), found)
        flask(url, "figures", "check", **environment)
    keep("chaos", {"rounds": [asdict(one) for one in seen], "verdict": asdict(found)})
    sys.exit(any(asdict(found).values()))


def kill(running: Chaos, rounds: int, random: Random) -> list[Round]:
    """Kill something in each of `rounds`; tells each as it ends."""
    click.echo(f"{'round':>5}  {'killed':<16} {'acknowledged':>12} {'repeated':>9} {'recovery s':>10}")
    seen = []
    for number in range(rounds):
        kind = random.choice(list(Kind))
        one = running.round(kind, at_least=random.randrange(50, 1000))
        seen.append(one)
        click.echo(
            f"{number + 1:5}  {kind.value:<16} {one.acknowledged:12,} {one.failed:9,} {one.recovery_seconds:10.1f}"
        )
    return seen


def tell(seen: list[Round], acknowledged: int, found: Verdict) -> None:
    """Print what came of it."""
    repeated = sum(one.failed for one in seen)
    click.echo(f"{acknowledged:,} events acknowledged, {repeated:,} requests repeated")
    names: Mapping[str, str] = {
        "lost": "acknowledged and lost",
        "never_sent": "stored without being acknowledged",
        "daily_off": "too many in the daily figures",
        "quarters_off": "too many in the quarter-hour figures",
        "visitors_off": "visitors that differ",
    }
    for name, count in asdict(found).items():
        click.echo(f"  {names[name]:<38} {count:>6,}")


if __name__ == "__main__":
    main()
