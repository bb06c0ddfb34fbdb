"""The flags of a launched script's command line, as one record. Reading them prints nothing and exits nowhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NoReturn

from msgspec import Struct

from mlxp_fn.errors import ConfigError
from mlxp_fn.nearest import nearest


class UsageError(ConfigError):
    """A flag of the command line is unknown, or its value is: the process exits with status 2."""


class Flags(Struct, frozen=True, kw_only=True):
    """What `python main.py …` was asked: Hydra's flags by Hydra's names, and our own."""

    overrides: tuple[str, ...] = ()
    help: bool = False
    hydra_help: bool = False
    version: bool = False
    cfg: str | None = None
    resolve: bool = False
    package: str | None = None
    run: bool = False
    multirun: bool = False
    shell_completion: bool = False
    config_path: str | None = None
    config_name: str | None = None
    config_dir: str | None = None
    experimental_rerun: str | None = None
    info: str | None = None
    dry_run: bool = False
    jobs: int | None = None
    only: tuple[str, ...] = ()
    recorded: str | None = None


class Flag(Struct, frozen=True):
    """One flag: its spellings, the field that it sets, and what may follow it."""

    names: tuple[str, ...]
    field: str
    value: str = ""
    choices: tuple[str, ...] = ()
    default: str = ""
    help: str = ""


ONLY = ("missing", "failed")
"""What `--only` may ask for."""

FLAGS = (
    Flag(("--help", "-h"), "help", help="show this help"),
    Flag(("--hydra-help",), "hydra_help", help="the same: Hydra is not needed here"),
    Flag(("--version",), "version", help="show the version"),
    Flag(
        ("--cfg", "-c"), "cfg", "WHAT", ("job", "mlxp", "hydra", "all"), help="show the config instead of running"
    ),
    Flag(("--resolve",), "resolve", help="with --cfg: show values instead of interpolations"),
    Flag(("--package", "-p"), "package", "KEY", help="with --cfg: show this part only"),
    Flag(("--run", "-r"), "run", help="accepted, as in Hydra"),
    Flag(("--multirun", "-m"), "multirun", help="accepted: values with commas are swept over anyhow"),
    Flag(("--shell-completion", "-sc"), "shell_completion", help="show what completes arguments: install=bash"),
    Flag(("--config-path", "-cp"), "config_path", "DIR", help="the directory of the config files"),
    Flag(("--config-name", "-cn"), "config_name", "NAME", help="the primary config file"),
    Flag(("--config-dir", "-cd"), "config_dir", "DIR", help="a further directory of config files"),
    Flag(("--experimental-rerun",), "experimental_rerun", "FILE", help="not supported; repeat a run by its id"),
    Flag(
        ("--info", "-i"),
        "info",
        "WHAT",
        ("all", "config", "defaults", "defaults-tree", "plugins", "searchpath"),
        default="all",
        help="show how the config is composed",
    ),
    Flag(("--dry-run",), "dry_run", help="list the jobs and their overrides, run nothing"),
    Flag(("--jobs",), "jobs", "N", help="run so many jobs at a time"),
    Flag(("--only",), "only", "WHAT", help="of a sweep run only what is missing, failed, or missing,failed"),
    Flag(("--recorded",), "recorded", "DIR", help="go on with the run in DIR, with the config it was made with"),
)
"""All flags, in the order of the help."""

_FLAG = re.compile(r"-(?!\d+$|\d*\.\d+$).")
_BY_NAME = {name: flag for flag in FLAGS for name in flag.names}


def parse_argv(argv: Sequence[str]) -> Flags:
    """Read the arguments of a command line; what is no flag is an override.

    Raises `UsageError` for a flag or a value that is not known.

    >>> parse_argv(["-m", "seed=1,2", "--cfg", "job"]).overrides
    ('seed=1,2',)
    """
    return _Reader(argv).flags()


class _Reader:
    """The arguments that are still to be read, and what has been found."""

    def __init__(self, argv: Sequence[str]) -> None:
        self.rest = list(argv)
        self.overrides: list[str] = []
        self.found: dict[str, Any] = {}

    def flags(self) -> Flags:
        while self.rest:
            argument = self.rest.pop(0)
            if argument == "--":
                self.overrides += self.rest
                break
            if not _is_flag(argument):
                self.overrides.append(argument)
            elif argument.startswith("--") or argument.partition("=")[0] in _BY_NAME:
                name, equals, value = argument.partition("=")
                self.take(_flag(name), name, value if equals else None)
            else:
                self.cluster(argument)
        return Flags(overrides=tuple(self.overrides), **self.found)

    def cluster(self, argument: str) -> None:
        """Short flags in one word: `-mc job`."""
        letters = argument[1:]
        while letters:
            name, letters = f"-{letters[0]}", letters[1:]
            flag = _BY_NAME.get(name)
            if flag is None:
                _refuse(f"there is no flag {argument!r}; an override has no - before its key")
            if flag.value and letters:
                self.take(flag, name, letters.removeprefix("="))
                return
            self.take(flag, name, None)

    def take(self, flag: Flag, name: str, value: str | None) -> None:
        """Set what a flag stands for; its value is the next argument where none was attached."""
        if not flag.value:
            if value is not None:
                _refuse(f"{name} takes no value, and {value!r} was given")
            self.found[flag.field] = True
            return
        if value is None and self.rest and not _is_flag(self.rest[0]):
            value = self.rest.pop(0)
        if value is None:
            value = flag.default or None
        if value is None:
            _refuse(f"{name} needs a value: {flag.names[0]} {flag.value}")
        self.found[flag.field] = _checked(flag, name, value)


def _is_flag(argument: str) -> bool:
    """Whether an argument is for us to understand; a number below zero and a text with blanks are not."""
    return bool(_FLAG.match(argument)) and " " not in argument


def _flag(name: str) -> Flag:
    """The flag of that name, or the only one that begins with it."""
    if name in _BY_NAME:
        return _BY_NAME[name]
    near = [known for known in _BY_NAME if known.startswith(name)]
    if not near:
        alike = nearest(name.strip("-"), [flag.names[0].strip("-") for flag in FLAGS])
        hint = f"did you mean --{alike[0]}?" if alike else "--help names all; an override has no - before its key"
        _refuse(f"there is no flag {name!r}; {hint}")
    if len(near) > 1:
        _refuse(f"{name} could be {' or '.join(near)}")
    return _BY_NAME[near[0]]


def _checked(flag: Flag, name: str, value: str) -> Any:
    if flag.choices and value not in flag.choices:
        _refuse(f"{name} is one of {', '.join(flag.choices)}, not {value!r}")
    if flag.field == "jobs":
        if not value.isdecimal() or not int(value):
            _refuse(f"{name} is a number from 1, not {value!r}")
        return int(value)
    if flag.field == "only":
        chosen = tuple(value.split(","))
        if not set(chosen) <= set(ONLY):
            _refuse(f"{name} is missing, failed, or missing,failed, not {value!r}")
        return chosen
    return value


def _refuse(reason: str) -> NoReturn:
    raise UsageError(reason)
