"""The house plan, held to: imports only go down, and pure rooms touch nothing of the world."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from attrs import frozen

import mlxp_fn

PACKAGE = Path(mlxp_fn.__file__).parent

FLOORS = {
    "errors": 0,
    "tree": 1,
    "interpolation": 1,
    "records": 1,
    "config_dict": 1,
    "jsonl": 1,
    "layout": 1,
    "tracebacks": 1,
    "config": 2,
    "results": 2,
    "jobs": 2,
    "views": 2,
    "effects": 3,
    "logger": 4,
    "version_manager": 4,
    "execution": 4,
    "configuring": 4,
    "reader": 4,
    "launcher": 4,
    "command_line": 5,
    "cli": 5,
    "compat": 5,
    "__init__": 5,
}
"""On which floor a room is. A room is a module or a package directly in mlxp_fn."""

HIGHEST_PURE_FLOOR = 2

NEIGHBOURS = {
    ("records", "tree"),
    ("tree", "interpolation"),
    ("jobs", "config"),
    ("results", "views"),
    ("version_manager", "logger"),
    ("execution", "logger"),
    ("execution", "version_manager"),
    ("launcher", "execution"),
}
"""Which room may import from which on its own floor."""

WORLD = {
    *("os", "io", "sys", "subprocess", "shutil", "tempfile", "glob", "fcntl", "signal", "resource"),
    *("socket", "urllib", "http", "getpass", "platform", "git"),
    *("time", "random", "secrets", "uuid", "threading", "multiprocessing", "asyncio", "logging", "warnings"),
}
"""Modules through which a program acts on the world or hears from it."""

WORLDLY_NAMES = {("pathlib", "Path"), ("pathlib", "PosixPath"), ("importlib", "import_module")}
WORLDLY_CALLS = {"open", "print", "input", "breakpoint", "exec", "eval", "__import__"}
WORLDLY_METHODS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}


@frozen
class Import:
    """One name that a module imports from another."""

    line: int
    module: str
    name: str | None


def modules() -> list[Path]:
    """Every module of the package; the templates are a user's files, not ours."""
    return sorted(path for path in PACKAGE.rglob("*.py") if "templates" not in path.parts)


def room(path: Path) -> str:
    """Which room a module is in or is."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def tree(path: Path) -> ast.Module:
    """What is written in a module."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[Import]:
    """Every import of a module, those inside functions and for the type checker included."""
    for node in ast.walk(tree(path)):
        match node:
            case ast.Import(names=names):
                yield from (Import(node.lineno, name.name, None) for name in names)
            case ast.ImportFrom(level=level, module=module, names=names):
                assert level == 0, f"{path}:{node.lineno}: imports are absolute here"
                yield from (Import(node.lineno, module or "", name.name) for name in names)


def imported_rooms(path: Path) -> Iterator[tuple[int, str]]:
    """The line and the room of every import from mlxp_fn itself."""
    for found in imports(path):
        parts = found.module.split(".")
        if parts[0] == "mlxp_fn":
            inner = [*parts[1:], found.name or "__init__"][0]
            yield found.line, inner if inner in FLOORS else "__init__"


def shown(path: Path, line: int, text: str) -> str:
    """Where something is, and what."""
    return f"mlxp_fn/{path.relative_to(PACKAGE)}:{line}: {text}"


def test_every_room_has_its_floor() -> None:
    assert {room(path) for path in modules()} - FLOORS.keys() == set()


def test_imports_only_go_down() -> None:
    wrong = [
        shown(path, line, f"{room(path)} (floor {FLOORS[room(path)]}) imports {other} (floor {FLOORS[other]})")
        for path in modules()
        for line, other in imported_rooms(path)
        if other != room(path)
        and FLOORS[other] >= FLOORS[room(path)]
        and (room(path), other) not in NEIGHBOURS
        # The top floor is the names people use, for whoever is on it.
        and FLOORS[room(path)] < FLOORS["__init__"]
    ]
    assert not wrong, "\n".join(wrong)


def test_neighbours_are_on_one_floor_and_not_in_a_circle() -> None:
    assert all(FLOORS[one] == FLOORS[other] for one, other in NEIGHBOURS)
    left = set(NEIGHBOURS)
    while left:
        leaves = {one for one, _ in left} | {other for _, other in left}
        leaves -= {one for one, _ in left}
        assert leaves, f"a circle: {sorted(left)}"
        left = {(one, other) for one, other in left if other not in leaves}


@pytest.mark.parametrize("one", sorted(NEIGHBOURS), ids="-".join)
def test_permission_to_import_a_neighbour_is_used(one: tuple[str, str]) -> None:
    assert one[1] in {other for path in modules() if room(path) == one[0] for _, other in imported_rooms(path)}


def pure_modules() -> list[Path]:
    """Those that only compute."""
    return [path for path in modules() if FLOORS[room(path)] <= HIGHEST_PURE_FLOOR]


def test_pure_rooms_import_nothing_of_the_world() -> None:
    wrong = [
        shown(path, found.line, f"a pure room imports {found.module} {found.name or ''}")
        for path in pure_modules()
        for found in imports(path)
        if found.module.split(".")[0] in WORLD or (found.module, found.name) in WORLDLY_NAMES
    ]
    assert not wrong, "\n".join(wrong)


def test_pure_rooms_open_print_and_ask_nothing() -> None:
    wrong = [
        shown(path, node.lineno, f"a pure room calls {ast.unparse(node.func)}")
        for path in pure_modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and is_worldly(node.func)
    ]
    assert not wrong, "\n".join(wrong)


def is_worldly(function: ast.expr) -> bool:
    """Whether calling this reads or changes something outside the program."""
    match function:
        case ast.Name(id=name):
            return name in WORLDLY_CALLS
        case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=name):
            return (owner, name) in WORLDLY_METHODS
    return False


def test_no_module_bears_the_name_of_a_public_function() -> None:
    # A lazy `mlxp_fn.launch` would be the module as soon as somebody has imported it.
    assert {path.stem for path in modules()} & set(mlxp_fn.__all__) == set()


LAUNCH = """
import sys
import mlxp_fn as mlxp

@mlxp.launch()
def task(ctx):
    ctx.logger.log_metrics({"loss": 0.1}, log_name="train")

task()
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""

HEAVY = {"pandas", "polars", "matplotlib", "rich", "git", "omegaconf", "cattrs", "click", "sklearn", "scipy"}


def test_import_and_launch_load_nothing_heavy(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(LAUNCH)
    done = subprocess.run([sys.executable, "main.py"], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert (tmp_path / "logs/1/metrics/train.json").exists()
    assert HEAVY.intersection(done.stdout.split()) == set()


def test_templates_use_public_names_only() -> None:
    templates = sorted((PACKAGE / "templates").rglob("*.py"))
    used = {
        node.attr
        for path in templates
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "mlxp"
    }

    assert [path.name for path in templates] == ["main.py", "read.py"]
    assert used - set(mlxp_fn.__all__) == set()
    assert not [found for path in templates for found in imports(path) if found.module.startswith("mlxp_fn.")]
