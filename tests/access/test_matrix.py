"""Every route is asked by everyone, and lets in those whom the table names, nobody else."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from config import load_settings
from tests.access.cast import NAMES, Caller, is_let_in, make_cast, outcome
from tests.access.scene import BODIES, HERE, Snapshot, set_the_scene
from tests.access.table import Entry, entries
from tests.conftest import BASE, close
from wihy.app import create_app

Key = tuple[str, str]


class Stage(NamedTuple):
    """The application with all who ask and all there is; on SQLite alone, for who is let in does not hang on that."""

    app: Flask
    routes: dict[Key, Rule]
    cast: dict[str, Caller]
    things: dict[str, Any]
    snapshot: Snapshot


@pytest.fixture(scope="module")
def stage(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The stage, once for all callers."""
    folder = tmp_path_factory.mktemp("access")
    file = shutil.copy(sqlite_template, folder / "access.sqlite")
    own = {"DATABASE_URL": f"sqlite:///{file}", "INSTANCE_PATH": str(folder / "instance")}
    app = create_app(load_settings(BASE | own))
    app.testing = True
    cast = make_cast(app)
    things = set_the_scene(app, cast["admin"].client, cast["link holder"].client)
    snapshot = Snapshot(file)
    yield Stage(app, routes_of(app), cast, things, snapshot)
    snapshot.close()
    close(app)


def routes_of(app: Flask) -> dict[Key, Rule]:
    """Return every route of `app` by its method and its path, as the table writes it."""
    return {
        (method, re.sub(r"<[^<]*?(\w+)>", r"<\1>", str(rule))): rule
        for rule in app.url_map.iter_rules()
        if not rule.websocket
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def ask(stage: Stage, entry: Entry, name: str) -> TestResponse:
    """Ask as the caller; what that changed is undone."""
    caller = stage.cast[name]
    rule = stage.routes[entry.method, entry.path]
    named = {**stage.things, **HERE.get(entry.path, {}), **caller.own}
    built = rule.build({argument: named[argument] for argument in rule.arguments})
    assert built is not None, entry
    answer = caller.client.open(built[1], method=entry.method, json=BODIES.get(entry.path))
    answer.close()
    if entry.method != "GET" and answer.status_code < 400:
        stage.snapshot.restore()
    return answer


def verdict(answer: TestResponse) -> str:
    """Return what became of the one who asked."""
    if answer.status_code == 401 or answer.headers.get("Location", "").startswith("/login?next="):
        return "unknown"
    if answer.status_code >= 500:
        return f"failed with {answer.status_code}"
    return {403: "refused", 404: "told that it is not there"}.get(answer.status_code, "let in")


def test_every_route_stands_in_the_table_once(stage: Stage) -> None:
    written = [(entry.method, entry.path) for entry in entries()]
    assert sorted(written) == sorted(stage.routes), "tests/access/table.py says of each route who may use it"


@pytest.mark.parametrize("name", NAMES)
def test_who_is_let_in(stage: Stage, name: str) -> None:
    wrong = []
    for entry in entries():
        found = verdict(ask(stage, entry, name))
        due = "let in" if is_let_in(name, entry.who) else outcome(name, entry.who)
        if found != due:
            wrong.append(f"{entry.method} {entry.path}: {name} is {found}, should be {due}")
    assert wrong == [], "\n".join(wrong)
