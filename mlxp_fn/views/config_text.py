"""A composed config as text: what `--cfg`, `--info`, `--help` and `--dry-run` print."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from mlxp_fn.config.argv import FLAGS, UsageError
from mlxp_fn.config.composition import SETTINGS, Composed
from mlxp_fn.config.hydra_node import HYDRA_FILES
from mlxp_fn.config.job_lists import Job
from mlxp_fn.config.source_files import Sources
from mlxp_fn.config.yaml_writer import to_yaml
from mlxp_fn.errors import UnknownConfigKeyError


def cfg_text(composed: Composed, what: str, resolve: bool, package: str | None) -> str:
    """The config (`job`), the settings (`mlxp`) or both (`all`) as YAML, `package` being a part of them.

    Raises `UnknownConfigKeyError` where there is no such part.
    """
    config = composed.config
    job = config.to_dict(strict=False) if resolve else config.unresolved()
    match what:
        case "job":
            tree: Any = job
        case "mlxp":
            tree = {SETTINGS: composed.settings}
        case "all":
            tree = {SETTINGS: composed.settings, **job}
        case _:
            raise UsageError("there is no Hydra here; --cfg mlxp shows the settings, --cfg job the config")
    if package is None:
        return _yaml(tree)
    for key in package.split("."):
        if not isinstance(tree, Mapping) or key not in tree:
            raise UnknownConfigKeyError(f"the config has no part {package!r}; leave out --package to see all of it")
        tree = tree[key]
    return f"# @package {package}\n{_yaml(tree)}"


def info_text(sources: Sources, composed: Composed, what: str) -> str:
    """How a config is composed: `config`, `defaults`, `defaults-tree`, `searchpath`, `plugins`, or `all`."""
    parts: dict[str, Callable[[Sources, Composed], str]] = {
        "searchpath": _search_path,
        "defaults": _defaults,
        "defaults-tree": _defaults_tree,
        "plugins": lambda sources, composed: "There are no plugins here.",
        "config": lambda sources, composed: cfg_text(composed, "job", False, None),
    }
    chosen = parts if what == "all" else {what: parts[what]}
    return "\n\n".join(f"{name}\n{'-' * len(name)}\n{part(sources, composed)}" for name, part in chosen.items())


def help_text(script: str, purpose: str, sources: Sources, composed: Composed, unsupported: Collection[str]) -> str:
    """What a script is for, its flags but for the unsupported, its groups with their options, and its config."""
    groups = {group: sources.options(group) for group in sources.groups()}
    listed = [f"  {group}: {', '.join(options)}" for group, options in groups.items() if options]
    flags = [
        (", ".join(flag.names) + (f" {flag.value}" if flag.value else ""), flag.help)
        for flag in FLAGS
        if flag.field not in unsupported
    ]
    width = max(len(names) for names, _ in flags)
    return "\n".join(
        [
            *([purpose, ""] if purpose else []),
            f"usage: python {script} [flag ...] [key=value ...]",
            "",
            "  key=value     change a value, or choose an option of a group; key=a,b runs both",
            "  +key=value    add a key; ++key=value changes or adds it; ~key removes it",
            "",
            *(f"  {names:{width}}  {text}" for names, text in flags),
            *(["", "groups and their options:", *listed] if listed else []),
            "",
            "config:",
            *(f"  {line}" for line in cfg_text(composed, "job", False, None).splitlines()),
        ]
    )


def jobs_text(jobs: Iterable[Job]) -> str:
    """One line a job: its place and its overrides.

    >>> from mlxp_fn.config.sweeps import sweep
    >>> print(jobs_text(sweep({"seed": 0}, {"seed": [1, 2]})))
    #0  seed=1
    #1  seed=2
    """
    return "\n".join(f"#{job.index}  {' '.join(job.overrides)}".rstrip() for job in jobs)


def _yaml(tree: Any) -> str:
    return to_yaml(tree).decode("utf-8", "replace").rstrip("\n")


def _search_path(sources: Sources, composed: Composed) -> str:
    return "\n".join(layer.name for layer in sources.layers) or "(no config directory)"


def _defaults(sources: Sources, composed: Composed) -> str:
    rows = [("config", "package"), *((part.path, ".".join(part.package) or "_global_") for part in _own(composed))]
    width = max(len(path) for path, _ in rows)
    return "\n".join(f"{path:{width}}  {package}" for path, package in rows)


def _defaults_tree(sources: Sources, composed: Composed) -> str:
    """Each file below the one whose defaults list names it."""
    seen: list[tuple[str, ...]] = []
    for part in _own(composed):
        seen += [trail for n in range(1, len(part.trail) + 1) if (trail := part.trail[:n]) not in seen]
    return "\n".join("  " * (len(trail) - 1) + trail[-1] for trail in sorted(seen))


def _own(composed: Composed) -> list[Any]:
    return [part for part in composed.parts if part.path not in HYDRA_FILES]
