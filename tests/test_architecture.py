"""The house rules of `docs/architecture.md`, checked by reading the code."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from config import ROOT, Settings, load_settings
from wihy.app import create_app

FLOORS = (
    {"core"},
    {"audit", "monitoring"},
    {"customers", "outbox"},
    {"tracking", "accounts"},
    {"analytics", "points", "notifications", "webhooks"},
    {"partners", "links", "shares", "mevents", "support", "content"},
    {"web", "dashboard", "why", "live", "privacy", "digests", "server"},
    {"serve"},
    {"start"},
    {"demo"},
    {"jobs", "mails"},
    {"routes", "reactions", "commands"},
    {"app"},
)
TOP = set().union(*FLOORS[-5:])  # these put the house together, so they may look into rooms
OPEN_TO_OTHERS = {"service", "queries", "models", "facts", "access", "urls"}
ROUTE_FILES = {"api", "pages"}
MARK, IDEMPOTENT = "allow.<locals>.mark.<locals>.guarded", "idempotent.<locals>.once"
LONGEST_FILE = 300
LONGEST_FUNCTION = 40


class Import(NamedTuple):
    """`module` (dotted, from `wihy`) imports `target`, a module of ours; `names` are what it takes from it."""

    module: str
    target: str
    names: tuple[str, ...]


def room_of(module: str) -> str:
    """Return the room, or the file of the top floor, that `module` belongs to."""
    return module.split(".")[1] if "." in module else "app"


def floor_of(module: str) -> int:
    room = room_of(module)
    return next(number for number, rooms in enumerate(FLOORS) if room in rooms)


def module_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def modules() -> dict[str, ast.Module]:
    return {
        module_of(file): ast.parse(file.read_text(), str(file))
        for file in sorted((ROOT / "wihy").rglob("*.py"))
    }


def imports() -> Iterator[Import]:
    for module, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from (Import(module, name.name, ()) for name in node.names if name.name in modules())
            elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "wihy":
                yield from _from(module, node)


def _from(module: str, node: ast.ImportFrom) -> Iterator[Import]:
    source = str(node.module)
    names = tuple(alias.name for alias in node.names)
    submodules = [name for name in names if f"{source}.{name}" in modules()]
    yield from (Import(module, f"{source}.{name}", ()) for name in submodules)
    rest = tuple(name for name in names if name not in submodules)
    if rest:
        yield Import(module, source, rest)


def between_rooms() -> Iterator[Import]:
    """Imports that leave a room; the package itself (its version) is nobody's."""
    for each in imports():
        if each.target != "wihy" and room_of(each.module) != room_of(each.target):
            yield each


def test_every_room_has_a_floor() -> None:
    known = set().union(*FLOORS)
    assert {room_of(module) for module in modules()} - known == set()


def test_imports_only_point_down() -> None:
    wrong = [
        f"{each.module} imports {each.target}"
        for each in between_rooms()
        if floor_of(each.target) >= floor_of(each.module)
    ]
    assert wrong == []


def test_rooms_show_each_other_only_their_open_side() -> None:
    wrong = []
    for each in between_rooms():
        parts = each.target.split(".")
        is_open = len(parts) < 3 or room_of(each.target) in {"core"} | TOP or parts[2] in OPEN_TO_OTHERS
        if not is_open and room_of(each.module) not in TOP:
            wrong.append(f"{each.module} imports {each.target}")
    assert wrong == []


def test_nobody_takes_a_private_name() -> None:
    wrong = [
        f"{each.module} takes {name} from {each.target}"
        for each in imports()
        for name in (*each.names, each.target.rpartition(".")[2])
        if name.startswith("_") and not name.startswith("__")
    ]
    assert wrong == []


def test_only_routes_and_the_top_floor_import_routes() -> None:
    wrong = [
        f"{each.module} imports {each.target}"
        for each in between_rooms()
        if each.target.split(".")[-1] in ROUTE_FILES and each.module != "wihy.routes"
    ]
    assert wrong == []


def test_only_the_database_commits() -> None:
    wrong = [
        f"{module}:{node.lineno}"
        for module, tree in modules().items()
        if module != "wihy.core.database"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    ]
    assert wrong == []


def test_services_neither_abort_nor_see_the_request() -> None:
    wrong = [
        f"{module} uses flask.{name.name}"
        for module, tree in modules().items()
        if module.endswith((".service", ".models", ".queries"))
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "flask"
        for name in node.names
        if name.name in {"request", "abort", "g", "session"}
    ]
    assert wrong == []


def test_no_import_cycles() -> None:
    graph: dict[str, set[str]] = {module: set() for module in modules()}
    for each in imports():
        if each.target != each.module and not each.module.startswith(each.target + "."):
            graph[each.module].add(each.target)
    while leaves := [module for module, targets in graph.items() if not targets & graph.keys()]:
        for module in leaves:
            del graph[module]
    assert sorted(graph) == []


def test_every_route_carries_exactly_one_mark(settings_for_reading: Settings) -> None:
    app = create_app(settings_for_reading)
    unmarked = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if rule.endpoint != "static" and marks_of(view) != 1:
            unmarked.append(f"{rule} ({rule.endpoint}): {marks_of(view)} marks")
    assert unmarked == []


def marks_of(view: object) -> int:
    """Return how many times `view` was wrapped by `allow`."""
    return wrappers_of(view).count(MARK)


def wrappers_of(view: object) -> list[str]:
    """Return the names of the functions that `view` is wrapped in, from outside (each wrapper copies what it wraps)."""
    names = []
    while view is not None:
        code = getattr(view, "__code__", None)
        names += [code.co_qualname] if code is not None else []
        view = getattr(view, "__wrapped__", None)
    return names


def test_what_customers_send_may_be_sent_again(settings_for_reading: Settings) -> None:
    app = create_app(settings_for_reading)
    seen, wrong = 0, []
    for rule in app.url_map.iter_rules():
        if str(rule).startswith("/api/customer/") and "POST" in (rule.methods or ()):
            wrappers = wrappers_of(app.view_functions[rule.endpoint])
            in_order = [name for name in wrappers if name in (MARK, IDEMPOTENT)]
            seen += 1
            if in_order != [MARK, IDEMPOTENT]:
                wrong.append(f"{rule} ({rule.endpoint}): not @idempotent right below @allow")
    assert (wrong, seen > 0) == ([], True)


@pytest.fixture
def settings_for_reading(tmp_path: Path) -> Settings:
    """Settings of an application that is looked at, not used."""
    return load_settings({"INSTANCE_PATH": str(tmp_path)})


def own_files() -> list[Path]:
    """Files that people here write, and readers scroll."""
    patterns = (
        "wihy/**/*.py",
        "tests/**/*.py",
        "*.py",
        "templates/**/*.html",
        "static/js/**/*.js",
        "static/css/**/*.css",
    )
    return sorted(
        {file for pattern in patterns for file in ROOT.glob(pattern)} | set(ROOT.glob("static/*.js"))
    )


def test_no_file_must_be_scrolled_for_ever() -> None:
    lengths = {str(file.relative_to(ROOT)): len(file.read_text().splitlines()) for file in own_files()}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_function_needs_a_second_page() -> None:
    wrong = {
        f"{module}:{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for module, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
    }
    assert wrong == {}
