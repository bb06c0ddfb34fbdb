"""This library's answers in the words of the conformance suite (see `../shared/conformance/README.md`)."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any

from msgspec.structs import asdict

from mlxp_fn.config.argv import parse_argv
from mlxp_fn.config.composition import compose
from mlxp_fn.config.expansion import expansion
from mlxp_fn.config.overrides import parse_override
from mlxp_fn.config.render import render_value
from mlxp_fn.config.syntax import (
    ABSENT,
    Choice,
    Extension,
    Glob,
    Interval,
    Override,
    Pairs,
    Quoted,
    Range,
    Zip,
)
from mlxp_fn.effects.sources import read_sources, with_search_path
from mlxp_fn.tree import Config
from mlxp_fn.tree.interpolation import Surroundings

_OURS = ("version", "dry_run", "jobs", "only", "recorded")


class Adapter:
    """The five functions that the suite calls."""

    def compose(self, config_dir: str, config_name: str, overrides: list[str]) -> dict[Any, Any]:
        return _composed(config_dir, config_name, overrides).unresolved()

    def compose_resolved(self, config_dir: str, config_name: str, overrides: list[str]) -> dict[Any, Any]:
        return _composed(config_dir, config_name, overrides).to_dict()

    def parse_override(self, text: str) -> dict[str, Any]:
        override = parse_override(text)
        kind, value = _described(override.value)
        return {
            "change": override.change.name.lower(),
            "key": override.key,
            "package": override.package,
            "kind": kind,
            "value": value,
        }

    def expand(self, overrides: list[str], config_dir: str) -> list[list[str]]:
        jobs = expansion(read_sources(config_dir), overrides)
        return [[_in_hydras_form(override) for override in job] for job in jobs]

    def parse_argv(self, argv: list[str]) -> dict[str, Any]:
        flags = parse_argv(argv)
        if flags.version:
            # Hydra prints its version while it parses.
            raise SystemExit(0)
        return {name: _listed(value) for name, value in asdict(flags).items() if name not in _OURS}


def _composed(config_dir: str, config_name: str, overrides: list[str]) -> Config:
    hydra = {"runtime": {"cwd": os.getcwd()}, "job": {"name": "app"}}
    surroundings = Surroundings(environ=dict(os.environ), now=datetime.now(), hydra=hydra)
    sources = with_search_path(read_sources(config_dir), overrides, config_name, surroundings)
    return compose(sources, overrides, config_name, surroundings)


def _described(value: Any) -> tuple[str, Any]:
    match value:
        case _ if value is ABSENT:
            return "none", None
        case Choice(elements=elements, simple=simple):
            described = {"elements": _plain(elements), "tags": sorted(value.tags), "shuffle": value.shuffle}
            return "simple_choice" if simple else "choice", described
        case Range(start=start, stop=stop, step=step):
            numbers = {"start": start, "stop": stop, "step": step}
            return "range", {**numbers, "tags": sorted(value.tags), "shuffle": value.shuffle}
        case Interval(start=start, end=end):
            return "interval", {"start": start, "end": end, "tags": sorted(value.tags)}
        case Glob(include=include, exclude=exclude):
            return "glob", {"include": _plain(include), "exclude": _plain(exclude)}
        case Extension() | Zip():
            raise ValueError("the suite has no word for it")
        case _:
            return "value", _plain(value)


def _plain(value: Any) -> Any:
    match value:
        case Quoted():
            return str(value)
        case tuple():
            return [_plain(item) for item in value]
        case Pairs(items=items):
            return {key: _plain(item) for key, item in items}
        case Choice() | Range() | Interval() | Glob() | Zip() | Extension():
            kind, described = _described(value)
            return {"kind": kind, "value": described}
        case _:
            return value


def _in_hydras_form(override: Override) -> str:
    value = "null" if override.value is ABSENT else render_value(override.value, typed=False)
    return f"{override.name}={value}"


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


adapter = Adapter()
