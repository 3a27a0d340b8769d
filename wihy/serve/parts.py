"""The parts: `web` answers requests on all cores, `live` holds the sockets, `worker` does jobs; Redis joins them."""

import os
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping

import click

from config import Part, Settings
from wihy import server
from wihy.serve.supervisor import supervise

NEEDED = "serve needs {}, which joins the processes (`make run` serves without)"


def refuse_lacking(settings: Settings) -> None:
    """Raise `ClickException`, with one clear line, if several processes could not work together."""
    if settings.redis_url is None:
        raise click.ClickException(NEEDED.format("REDIS_URL"))
    if not settings.database_url.startswith("postgresql"):
        raise click.ClickException(NEEDED.format("DATABASE_URL=postgresql://…"))


def refuse_used_ports(settings: Settings, chosen: Collection[Part]) -> None:
    """Raise `ClickException`, with one line that says what to do, if a part could not listen."""
    listening = [part for part in chosen if part is not Part.WORKER]
    if len(listening) > 1 and settings.port == settings.live_port:
        raise click.ClickException("PORT and LIVE_PORT are the same: set LIVE_PORT to another one")
    for part in listening:
        port, variable = _port(settings, part)
        server.refuse_used_port(settings.host_behind_proxy, port, variable)


def told(settings: Settings, chosen: Collection[Part]) -> Iterator[str]:
    """Yield what the terminal shall show."""
    yield f"WIHY serves {settings.public_url} (Ctrl+C stops it)"
    for part in chosen:
        if part is Part.WORKER:
            yield f"  {part}: mails and clean-ups"
            continue
        address = server.bound(settings.host_behind_proxy, _port(settings, part)[0])
        yield f"  {part}: {address}, " + (
            f"{settings.web_workers} workers with {settings.threads} threads"
            if part is Part.WEB
            else f"{settings.live_sockets} sockets"
        )
    if not settings.trusted_proxies:
        yield "TRUSTED_PROXIES is 0: behind a proxy, all clients will look like one"


def run(settings: Settings, chosen: Collection[Part]) -> int:
    """Run the `chosen` parts until they are stopped; returns the exit code."""
    words = {
        Part.WEB: ["-m", "wihy.serve.web"],
        Part.LIVE: ["-m", "gunicorn", *server.live_arguments(settings)],
        Part.WORKER: ["-m", "flask", "--app", "wsgi", "worker"],
    }
    sys.stdout.flush()
    with tempfile.TemporaryDirectory(prefix="wihy-metrics-", ignore_cleanup_errors=True) as folder:
        return supervise(
            {part: ([sys.executable, *words[part]], _environment(part, folder)) for part in chosen}
        )


def _port(settings: Settings, part: Part) -> tuple[int, str]:
    return (settings.port, "PORT") if part is Part.WEB else (settings.live_port, "LIVE_PORT")


def _environment(part: Part, folder: str) -> Mapping[str, str]:
    """Return the variables of a part's processes, which count their metrics together in `folder`."""
    return {
        **os.environ,
        "WIHY_PART": part,
        "PROMETHEUS_MULTIPROC_DIR": folder,
        server.SUPERVISOR: str(os.getpid()),
    }
