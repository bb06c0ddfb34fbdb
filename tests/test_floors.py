"""The house plan, held to: imports only go down, and pure rooms touch nothing of the world."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from attrs import frozen

import mlxp_fn

PACKAGE = Path(mlxp_fn.__file__).parent

FLOORS = (
    ("version", "errors", "nearest"),
    ("layout", "jsonl", "tree", "config_dict", "records"),
    ("config", "jobs", "versions", "views", "results"),
    ("effects",),
    ("logger", "launching", "configuring", "launcher", "reader", "submitting", "upkeep", "browsing", "repeating"),
    ("__init__", "compat", "cli"),
)
"""The rooms, floor by floor from the ground; on a floor, a room may use those that stand before it.

A room is a module or a package directly in mlxp_fn.
"""

ROOMS = [name for floor in FLOORS for name in floor]
FLOOR = {name: number for number, floor in enumerate(FLOORS) for name in floor}
PURE_FLOORS = range(3)

WORLD = {
    *("os", "io", "subprocess", "shutil", "tempfile", "glob", "fcntl", "signal", "resource"),
    *("socket", "urllib", "http", "getpass", "platform", "git"),
    *("time", "random", "secrets", "uuid", "threading", "multiprocessing", "asyncio", "logging", "warnings"),
}
"""Modules through which a program acts on the world or hears from it."""

ALLOWED = {
    ("config", "random", "Random"): "with a given seed it is a function of that seed",
    ("tree", "warnings", None): "what `oc.deprecated` does is to warn",
}
"""What a pure room may import all the same, and why."""

WORLDLY_NAMES = {("pathlib", "Path"), ("pathlib", "PosixPath"), ("importlib", "import_module")}
WORLDLY_CALLS = {"open", "print", "input", "breakpoint", "exec", "eval", "__import__"}
WORLDLY_ATTRIBUTES = {
    *(("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")),
    *(("sys", "stdin"), ("sys", "stdout"), ("sys", "stderr"), ("sys", "argv"), ("sys", "exit")),
}


@frozen
class Import:
    """One name that a module imports from another."""

    line: int
    module: str
    name: str | None = None
    only_type: bool = False


def modules() -> list[Path]:
    """Every module of the package; the templates are a user's files, and what stands for MLXP is none of ours."""
    return sorted(path for path in PACKAGE.rglob("*.py") if not {"templates", "pythonpath"} & set(path.parts))


def room(path: Path) -> str:
    """Which room a module is in or is."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def tree(path: Path) -> ast.Module:
    """What is written in a module."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[Import]:
    """Every import of a module, those inside functions and those for the type checker included."""
    for_types = {
        id(inner)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in node.body
    }
    for node in ast.walk(tree(path)):
        match node:
            case ast.Import(names=names):
                yield from (Import(node.lineno, name.name, only_type=id(node) in for_types) for name in names)
            case ast.ImportFrom(level=level, module=module, names=names):
                assert level == 0, f"{path}:{node.lineno}: imports are absolute here"
                for name in names:
                    yield Import(node.lineno, module or "", name.name, only_type=id(node) in for_types)


def imported_room(found: Import) -> str | None:
    """The room that an import leads into; None where that is another package."""
    package, *inner = found.module.split(".")
    if package != "mlxp_fn":
        return None
    name = [*inner, found.name][0]
    return name if name in ROOMS else "__init__"


def may_import(room: str, other: str, only_type: bool) -> bool:
    """Whether the plan allows it; on one floor, types may be named in both directions."""
    if only_type and FLOOR[room] == FLOOR[other]:
        return True
    return ROOMS.index(other) <= ROOMS.index(room)


def shown(path: Path, line: int, text: str) -> str:
    """Where something is, and what."""
    return f"mlxp_fn/{path.relative_to(PACKAGE)}:{line}: {text}"


def test_every_room_has_its_floor() -> None:
    assert {room(path) for path in modules()} - set(ROOMS) == set()


def test_imports_only_go_down() -> None:
    wrong = [
        shown(path, found.line, f"{room(path)} (floor {FLOOR[room(path)]}) imports {other} (floor {FLOOR[other]})")
        for path in modules()
        for found in imports(path)
        if (other := imported_room(found)) and not may_import(room(path), other, found.only_type)
    ]
    assert not wrong, "\n".join(wrong)


def pure_modules() -> list[Path]:
    """Those that only compute."""
    return [path for path in modules() if FLOOR[room(path)] in PURE_FLOORS]


def test_pure_rooms_import_nothing_of_the_world() -> None:
    wrong = [
        shown(path, found.line, f"a pure room imports {found.module} {found.name or ''}")
        for path in pure_modules()
        for found in imports(path)
        if (found.module.split(".")[0] in WORLD or (found.module, found.name) in WORLDLY_NAMES)
        and (room(path), found.module, found.name) not in ALLOWED
    ]
    assert not wrong, "\n".join(wrong)


def test_pure_rooms_open_print_and_ask_nothing() -> None:
    wrong = [
        shown(path, node.lineno, f"a pure room uses {ast.unparse(node)}")
        for path in pure_modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.expr) and is_worldly(node)
    ]
    assert not wrong, "\n".join(wrong)


def is_worldly(expression: ast.expr) -> bool:
    """Whether this reads or changes something outside the program."""
    match expression:
        case ast.Call(func=ast.Name(id=name)):
            return name in WORLDLY_CALLS
        case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=name):
            return (owner, name) in WORLDLY_ATTRIBUTES
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

HEAVY = {
    *("pandas", "polars", "matplotlib", "rich", "git", "omegaconf", "cattrs", "click", "sklearn", "scipy"),
    *("json", "traceback"),  # milliseconds each, and a run that goes well needs neither
}


def test_import_and_launch_load_nothing_heavy(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(LAUNCH)
    # Measured coverage would load modules of its own.
    env = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    done = subprocess.run(
        [sys.executable, "main.py"], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )

    assert (tmp_path / "logs/1/metrics/train.json").exists()
    assert HEAVY.intersection(done.stdout.split()) == set()


ATTRS_CLASSES = """
import attrs
print(*(f"{name}.{each.__qualname__}"
    for name, module in sorted(sys.modules.items()) if name.startswith("mlxp_fn.")
    for each in vars(module).values()
    if isinstance(each, type) and each.__module__ == name and attrs.has(each)))
"""


def test_a_launch_makes_few_attrs_classes(tmp_path: Path) -> None:
    # attrs compiles the methods of each, which is most of what a start costs; nodes and plans are Structs.
    (tmp_path / "main.py").write_text(LAUNCH + ATTRS_CLASSES)
    done = subprocess.run([sys.executable, "main.py"], cwd=tmp_path, capture_output=True, text=True, check=True)

    made = done.stdout.splitlines()[-1].split()
    assert "mlxp_fn.records.state.Run" in made
    assert len(made) <= 18, made


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
