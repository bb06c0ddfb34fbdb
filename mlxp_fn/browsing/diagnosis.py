"""What is wrong with the runs of a log directory, and what can be done about it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from attrs import frozen

from mlxp_fn.effects.inputs import ChangedInput
from mlxp_fn.records import Status
from mlxp_fn.results.frame import Frame
from mlxp_fn.upkeep import Doubtful, doubtful_runs, runs_with_changed_inputs, settle


@frozen(kw_only=True)
class Diagnosis:
    """The runs that are LOST or STALE, and those whose inputs are not what they were, if anybody asked for them."""

    logs: Path
    doubtful: tuple[Doubtful, ...]
    changed: tuple[tuple[Path, tuple[ChangedInput, ...]], ...] = ()

    def rows(self) -> Frame:
        """A row for each run that is in doubt, and for each input that has changed: `run, finding, …`."""
        return Frame.from_rows([*map(_doubt, self.doubtful), *_changes(self.changed)])

    def is_left(self, settled: Collection[int]) -> bool:
        """Whether anything is wrong still, these having been settled."""
        return bool(self.changed) or not {int(each.run_dir.name) for each in self.doubtful} <= set(settled)


def diagnosed(logs: Path, *, inputs: bool = False) -> Diagnosis:
    """What is wrong. Raises `LogDirError` where there is no log directory."""
    changed = runs_with_changed_inputs(logs) if inputs else ()
    return Diagnosis(logs=logs, doubtful=doubtful_runs(logs), changed=changed)


def treated(found: Diagnosis, *, settling: bool, stale: Collection[int]) -> list[int]:
    """Settle the runs `stale`, and with `settling` those that are LOST; returns which were. As `settle` raises."""
    for run in stale:
        settle(found.logs / str(run), stale=True)
    lost = [each.run_dir for each in found.doubtful if each.status is Status.LOST and settling]
    others = [run_dir for run_dir in lost if int(run_dir.name) not in stale]
    for run_dir in others:
        settle(run_dir)
    return [*stale, *(int(run_dir.name) for run_dir in others)]


def _doubt(each: Doubtful) -> dict[str, Any]:
    info = each.info
    return {
        "run": int(each.run_dir.name),
        "finding": each.status.value,
        "attempt": info.attempt,
        "since": info.start.time if info.start else None,
        "process": info.process_id,
        "host": info.hostname,
        "last sign of life": each.last_seen.time,
    }


def _changes(found: tuple[tuple[Path, tuple[ChangedInput, ...]], ...]) -> Iterator[dict[str, Any]]:
    for run_dir, changed in found:
        for one in changed:
            yield {
                "run": int(run_dir.name),
                "finding": "changed input",
                "path": one.path,
                "was": one.sha256[:12],
                "now": (one.now or "unreadable")[:12],
                "problem": one.problem,
            }
