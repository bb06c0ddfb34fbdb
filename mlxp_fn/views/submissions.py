"""What was or would be submitted, as text."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import PurePath

from mlxp_fn.jobs.dialects import Dialect
from mlxp_fn.jobs.plan import Action, Submit, WriteScript

_MOST = 40
"""How many runs a table of submissions shows, an even number."""


def plan_text(actions: Sequence[Action], dialect: Dialect) -> str:
    """The directories, scripts and commands of a plan, exactly."""
    scripts = {action.path: action.text for action in actions if isinstance(action, WriteScript)}
    parts = [f"--- {path}\n{text}" for path, text in scripts.items()]
    commands = [f"$ {_command(action, dialect)}" for action in actions if isinstance(action, Submit)]
    return "\n".join([*parts, *commands])


def _command(action: Submit, dialect: Dialect) -> str:
    command, script = shlex.join(action.command), PurePath(action.script)
    if dialect.given == "path":
        return command
    given = f" < {script.name}" if dialect.given == "stdin" else ""
    return f"cd {shlex.quote(str(script.parent))} && {command}{given}"


def reports_text(rows: Sequence[tuple[str, str | None, Sequence[str]]]) -> str:
    """A line for each run: its job, its directory, its overrides; the middle of a long table is left out.

    >>> print(reports_text([("/logs/7", "12", ["seed=1"]), ("/logs/8", None, ["seed=2"])]))
    12             /logs/7  seed=1
    not submitted  /logs/8  seed=2
    """
    shown = list(rows) if len(rows) <= _MOST else [*rows[: _MOST // 2], None, *rows[-_MOST // 2 :]]
    jobs = max(len(row[1] or "not submitted") for row in rows)
    dirs = max(len(row[0]) for row in rows)
    lines = [
        f"… {len(rows) - _MOST} more"
        if row is None
        else f"{row[1] or 'not submitted':{jobs}}  {row[0]:{dirs}}  {' '.join(row[2])}".rstrip()
        for row in shown
    ]
    return "\n".join(lines)
