"""Finding, starting and stopping server programs."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import pytest


def find_program(name: str, *folders: str) -> str:
    """Return the path of the program `name`; where it is missing the test is skipped, and in CI fails."""
    places = os.pathsep.join([os.environ.get("PATH", ""), *folders])
    found = shutil.which(name, path=places)
    if found:
        return found
    message = f"{name} is not installed: install it to run these tests too"
    if os.environ.get("CI"):
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def free_port() -> int:
    """Return a TCP port of the loopback address that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(is_ready: Callable[[], bool], *, seconds: float = 20, what: str = "server") -> None:
    """Return once `is_ready()`; raises `TimeoutError` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not is_ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not become ready within {seconds} s")
        time.sleep(0.05)


def accepts_connections(port: int) -> bool:
    """Whether something listens on the loopback `port`."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def start(command: Sequence[str], folder: Path, *, user: str | None = None) -> "subprocess.Popen[bytes]":
    """Start `command` in `folder`, its output in `folder/log`; as root, as `user` (PostgreSQL refuses root)."""
    account = _account(user)
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=folder,
            stdout=log,
            stderr=log,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
        )


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Ask `process` to end, and make sure that it does."""
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def children_of(pid: int) -> list[int]:
    """Return the processes that the one with the number `pid` started and that still run."""
    found = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):
            found += [int(child) for child in children.read_text().split()]
    return found


def kill_at_once(process: "subprocess.Popen[bytes]") -> None:
    """Kill `process` and all it started, before any of them can react; returns when none runs any more."""
    process.send_signal(signal.SIGSTOP)  # or it would start new ones meanwhile
    children = children_of(process.pid)
    for pid in (*children, process.pid):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()
    wait_until(lambda: not any(map(_runs, children)), what="the end of killed processes")


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"  # ended, if not yet asked after


def _account(user: str | None) -> pwd.struct_passwd | None:
    return pwd.getpwnam(user) if user and os.geteuid() == 0 else None
