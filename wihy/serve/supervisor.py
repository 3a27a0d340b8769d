"""Runs several servers as one: they start together, and the end of one is the end of all.

Each server replaces a worker of its own that dies. What is left, a server that ends although nobody asked it to, is for
whoever started us (systemd): it starts everything anew, from a known state.
"""

import os
import signal
import subprocess
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread

import click

from config import ROOT
from wihy.server import GRACEFUL_SECONDS

STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
PATIENCE_SECONDS = GRACEFUL_SECONDS + 2  # servers keep to the grace by themselves

Child = subprocess.Popen[bytes]
Commands = Mapping[str, tuple[Sequence[str], Mapping[str, str]]]


def supervise(commands: Commands) -> int:
    """Run `commands` (name → words, environment) until a signal comes, 0, or one of them ends by itself, 1."""
    events: SimpleQueue[str | None] = SimpleQueue()  # the one queue a signal handler may put into
    for number in STOPPING:
        signal.signal(number, lambda *_: events.put(None))
    children: dict[str, Child] = {}
    try:
        for name, (words, environment) in commands.items():
            # a group of its own: the terminal's signals come through us alone
            children[name] = subprocess.Popen(words, cwd=ROOT, env=environment, process_group=0)
            Thread(target=_await_end, args=(name, children[name], events), daemon=True).start()
        ended = events.get()
    finally:
        _stop(children.values())
    if ended is None:
        return 0
    click.echo(f"{ended} ended by itself ({children[ended].returncode}), so everything stops", err=True)
    return 1


def _await_end(name: str, child: Child, events: "SimpleQueue[str | None]") -> None:
    child.wait()
    events.put(name)


def _stop(children: Collection[Child]) -> None:
    """Ask `children` to end, give them their time, and leave nothing of them running."""
    for child in children:
        child.terminate()
    deadline = time.monotonic() + PATIENCE_SECONDS
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.wait(max(0.0, deadline - time.monotonic()))
        with suppress(ProcessLookupError):  # nothing is left: the rule
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
