"""Events that are added to a run from outside: by whoever tags it, or settles what became of it."""

from __future__ import annotations

from pathlib import Path

from mlxp_fn import layout
from mlxp_fn.effects.files import LineWriter, cannot
from mlxp_fn.jobs.birth import event_line
from mlxp_fn.records import Event


def add_event(run_dir: Path, event: Event) -> None:
    """Append an event, by one write, to the file that belongs to no attempt."""
    path = run_dir / layout.events_file(0)
    try:
        # The line of somebody who was killed while writing it must not swallow this one.
        torn = not path.read_bytes().endswith(b"\n")
    except OSError as error:
        raise cannot("read", path, error) from error
    lines = LineWriter(path)
    lines.append(b"\n" * torn + event_line(event))
    lines.close()
