"""A verdict on a repeated run as text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from mlxp_fn.views.table import as_text

_LONG = 100


class Finding(Protocol):
    """How one thing came out."""

    @property
    def name(self) -> str: ...
    @property
    def sameness(self) -> str: ...
    @property
    def row(self) -> int | None: ...
    @property
    def was(self) -> Any: ...
    @property
    def now(self) -> Any: ...


class Change(Protocol):
    """What was not as it had been."""

    @property
    def what(self) -> str: ...
    @property
    def was(self) -> Any: ...
    @property
    def now(self) -> Any: ...


class Verdict(Protocol):
    """Whether a run was replicated."""

    @property
    def origin(self) -> int: ...
    @property
    def repeated(self) -> int: ...
    @property
    def findings(self) -> Sequence[Finding]: ...
    @property
    def changes(self) -> Sequence[Change]: ...
    @property
    def by(self) -> str: ...
    @property
    def replicated(self) -> bool: ...


def verdict_text(verdict: Verdict) -> str:
    """The verdict, a line for each metric and artifact, and a line for each change."""
    word = "replicated" if verdict.replicated else "not replicated"
    nothing = "" if len(verdict.findings) > 1 else ": it left nothing that could be compared"
    head = f"run {verdict.origin} is {word} by run {verdict.repeated}{nothing} (tolerated: {verdict.by})"
    return "\n".join([head, *map(_line, verdict.findings), *_changes(verdict.changes)])


def verdict_json(verdict: Verdict) -> str:
    """The verdict as one object."""
    findings = [
        {"name": each.name, "sameness": each.sameness, "row": each.row, "was": each.was, "now": each.now}
        for each in verdict.findings
    ]
    changes = [{"what": each.what, "was": each.was, "now": each.now} for each in verdict.changes]
    found = {
        "run": verdict.origin,
        "repeated": verdict.repeated,
        "replicated": verdict.replicated,
        "tolerated": verdict.by,
        "findings": findings,
        "changes": changes,
    }
    return json.dumps(found, default=str, indent=1)


def _line(found: Finding) -> str:
    line = f"  {found.name}: {found.sameness}"
    if found.sameness != "different":
        return line
    where = "" if found.row is None else f" at row {found.row}"
    return f"{line}{where}: was {as_text(found.was, _LONG)}, now {as_text(found.now, _LONG)}"


def _changes(changes: Sequence[Change]) -> Iterator[str]:
    if changes:
        yield "not as it was:"
    for change in changes:
        yield f"  {change.what}: was {as_text(change.was, _LONG)}, now {as_text(change.now, _LONG)}"
