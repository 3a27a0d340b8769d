"""Serving by gunicorn: one process whose threads answer requests and hold the live channel, or do only the latter.

gunicorn reads this module as its configuration (`--config python:wihy.server`), hence the hooks with its names.
"""

import gc
import os
import signal
import socket
import struct
import sys
import time
from queue import SimpleQueue
from threading import Thread
from typing import Any

import click

from config import ROOT, Part, Settings

GRACEFUL_SECONDS = 5
SILENCE = struct.pack("ll", 10, 0)  # seconds, as a `struct timeval`
LONGEST_REQUEST_LINE = (
    8190  # gunicorn's own most; filters of 2,048 characters are longer only where they are no ASCII
)
COLLECT_AFTER = 50_000
LOOK_EVERY_SECONDS = 1
SUPERVISOR = "WIHY_SUPERVISOR"
THREADS_BESIDE_SOCKETS = 16  # for health checks, and for sockets that are refused


def arguments(settings: Settings) -> list[str]:
    """Return gunicorn's command line for the process that does everything."""
    return _arguments(bound(settings.host, settings.port), settings.threads)


def live_arguments(settings: Settings) -> list[str]:
    """Return gunicorn's command line for the process that holds the sockets."""
    address = bound(settings.host_behind_proxy, settings.live_port)
    return _arguments(address, settings.live_sockets + THREADS_BESIDE_SOCKETS)


def _arguments(address: str, threads: int) -> list[str]:
    return [
        "--config=python:wihy.server",
        f"--chdir={ROOT}",
        "--worker-class=gthread",
        "--workers=1",  # the live channel keeps its sockets in one process
        f"--threads={threads}",
        f"--worker-connections={max(1000, 2 * threads)}",
        f"--bind={address}",
        f"--graceful-timeout={GRACEFUL_SECONDS}",
        f"--limit-request-line={LONGEST_REQUEST_LINE}",
        "--no-control-socket",
        "--log-level=error",  # its warnings name the peer's address
        "wsgi:app",
    ]


def refuse_used_port(host: str, port: int, variable: str = "PORT") -> None:
    """Raise `ClickException`, with one line that says what to do, if the server could not listen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"cannot listen on {bound(host, port)} ({error.strerror}): set {variable} to a free one, or HOST"
            ) from None


def run(settings: Settings) -> None:
    """Become the server: this process is replaced, so whoever stops it stops gunicorn."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *arguments(settings)])


def when_ready(server: Any) -> None:
    """Let no client hold a thread by sending nothing, and stop when the terminal is closed.

    gunicorn has no limit for a body that does not come, and would take the terminal's signal as a wish to reload.
    """
    for listener in server.LISTENERS:  # what is accepted from it inherits the option
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, SILENCE)
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    if SUPERVISOR in os.environ:
        end_with(int(os.environ[SUPERVISOR]))


def post_worker_init(worker: Any) -> None:
    """Spare the garbage collector what stays for ever, do jobs where no other process does, and prepare the end."""
    spare_the_collector()
    app = worker.app.callable
    if app.extensions["settings"].wihy_part is Part.ALL:
        app.extensions["jobs"].start()
    _close_sockets_at_the_end(app)


def spare_the_collector() -> None:
    """Keep the garbage collector from what stays for ever, and let it come seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)


def end_with(parent: int) -> None:
    """End this process within seconds of its `parent`'s end: killed, that one could not tell."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_EVERY_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACEFUL_SECONDS + 1)
        os._exit(1)

    Thread(target=watch, name="end with the parent", daemon=True).start()


def _close_sockets_at_the_end(app: Any) -> None:
    """Close open sockets as soon as the process is asked to stop: each holds a thread it would wait for."""
    stopping: SimpleQueue[int] = SimpleQueue()  # the one queue a signal handler may put into

    def close_sockets() -> None:
        stopping.get()
        app.extensions["live"].close_all()
        app.extensions["jobs"].stop(GRACEFUL_SECONDS - 1)

    Thread(target=close_sockets, name="close sockets at the end", daemon=True).start()
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        _first(name, stopping)


def _first(name: signal.Signals, stopping: "SimpleQueue[int]") -> None:
    """Let `stopping` know of the signal before gunicorn handles it."""
    handled = signal.getsignal(name)

    def note(number: int, frame: Any) -> None:
        stopping.put(number)
        if callable(handled):
            handled(number, frame)

    signal.signal(name, note)


def bound(host: str, port: int) -> str:
    """Return the address to listen on, as servers want it."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
