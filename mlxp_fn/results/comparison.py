"""Runs beside each other: a row for each thing that is known of them, a column for each run."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from mlxp_fn.results.cells import ABSENT, identity
from mlxp_fn.results.frame import Frame
from mlxp_fn.results.overview import is_said, metric_names, shown
from mlxp_fn.versions.differences import CodeDifference

_EACH_ITS_OWN = (
    "info.logger.", "info.start", "info.end", "info.process_id", "info.digest", "info.recorded_status",
    "info.current_file_path", "info.work_dir", "info.scheduler.", "info.command", "info.seed",
)  # fmt: skip
"""What begins so differs between any two runs and tells nothing."""

Facts = Mapping[str, Any]


def comparison(runs: Frame, more: Sequence[Facts] = (), *, only_changed: bool = False) -> Frame:
    """What is known of runs, side by side: columns `key` and one for each run, called by its id.

    First the config, then what the runs depended on, `more` facts of each among it, then the last values of the
    metrics. What always differs, such as times and directories, is left out; with `only_changed` what is the same.

    >>> runs = Frame({"info.logger.log_id": [1, 2], "config.lr": [0.1, 0.2], "config.task": ["a", "a"]})
    >>> [tuple(row[name] for name in ("key", "1", "2")) for row in comparison(runs, only_changed=True)]
    [('config.lr', 0.1, 0.2)]
    """
    metrics = metric_names(runs)
    rows = [
        *((name, runs.cells(name)) for name in _known_before(runs, metrics)),
        *((key, [facts.get(key, ABSENT) for facts in more]) for key in _keys(more)),
        *((name, list(map(shown, runs.cells(name)))) for name in metrics),
    ]
    if only_changed:
        rows = [(key, cells) for key, cells in rows if len(set(map(identity, cells))) > 1]
    heads = [str(run) for run in runs["info.logger.log_id"]] if len(runs) else []
    columns = {"key": [key for key, _ in rows]}
    columns |= {head: [cells[place] for _, cells in rows] for place, head in enumerate(heads)}
    return Frame(columns)


def _known_before(runs: Frame, metrics: Container[str]) -> list[str]:
    """The columns of the config, and those of what the runs depended on."""
    names = [name for name in runs.keys() if name not in metrics]  # noqa: SIM118  not a mapping
    info = [name for name in names if name.startswith("info.") and not name.startswith(_EACH_ITS_OWN)]
    said = [name for name in info if any(map(is_said, runs.cells(name)))]
    return [*(name for name in names if name.startswith("config.")), *said]


def _keys(more: Sequence[Facts]) -> Iterable[str]:
    return dict.fromkeys(key for facts in more for key in facts)


def code_facts(found: CodeDifference | None) -> tuple[Facts, Facts]:
    """What is told of two commits: what they are called, and of each file that differs the lines that only it has.

    >>> from mlxp_fn.versions.differences import ChangedFile
    >>> files = (ChangedFile(path="main.py", one=1, other=3), ChangedFile(path="new.py", one=None, other=7))
    >>> code_facts(CodeDifference(root="/r", commits=("a", "b"), titles=("a", "b"), files=files))[1]
    {'code': 'b', 'code/main.py': 3, 'code/new.py': 7}
    """
    if found is None:
        return {}, {}
    one, other = ({"code": title} for title in found.titles)
    return (
        {**one, **{f"code/{file.path}": file.one for file in found.files}},
        {**other, **{f"code/{file.path}": file.other for file in found.files}},
    )


def flat_environment(environment: Mapping[str, Any]) -> dict[str, Any]:
    """What is stored of packages and hardware, a key for each.

    >>> flat_environment({"packages": {"numpy": "2.0"}, "hardware": {"memory": 8}, "user": "ada"})
    {'package.numpy': '2.0', 'hardware.memory': 8}
    """
    facts: dict[str, Any] = {}
    for prefix, part in (("package", "packages"), ("editable", "editable"), ("hardware", "hardware")):
        found = environment.get(part)
        if isinstance(found, Mapping):
            facts |= {f"{prefix}.{name}": value for name, value in found.items()}
    return facts
