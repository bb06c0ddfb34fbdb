"""Reports on runs: gather what they left, decide what is shown, write one page."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from mlxp_fn import layout
from mlxp_fn.effects import contents
from mlxp_fn.effects.clock import now
from mlxp_fn.effects.counting import counted
from mlxp_fn.effects.files import write_atomically
from mlxp_fn.effects.report_files import asset, end_of_file, small_artifact
from mlxp_fn.effects.run_dirs import read_past
from mlxp_fn.errors import InvalidMapError, LogDirError
from mlxp_fn.records import fold
from mlxp_fn.results.cells import ABSENT, Artifact, artifacts_of
from mlxp_fn.results.frame import Frame
from mlxp_fn.results.report_charts import CHOICES
from mlxp_fn.results.report_columns import shown
from mlxp_fn.results.reported import Found, reported
from mlxp_fn.results.row import Row
from mlxp_fn.results.run_curves import metrics_of
from mlxp_fn.results.steps import HasFrame
from mlxp_fn.tree.config import flatten
from mlxp_fn.views.printable import printable
from mlxp_fn.views.report.page import page
from mlxp_fn.views.report.parts import Product, RunParts, Stream
from mlxp_fn.views.report.pictures import data_uri
from mlxp_fn.views.streams import plain_line

_DIR = "info.logger.log_dir"

_STREAMS = (layout.STDOUT, layout.STDERR)

_PRINTED, _LEAST_PRINTED, _MOST_PRINTED = 3_000_000, 500, 20_000
"""How many bytes of all streams are shown together, as far as none has fewer or more than these."""

_PICTURES = 3_000_000
"""How many bytes of pictures are shown together."""

_TRACEBACKS = 1_000_000
"""How many characters of tracebacks are shown together."""


@frozen(kw_only=True)
class WrittenReport:
    """A report that was written: where, on how many runs, its size in bytes, and what it leaves out."""

    path: Path
    runs: int
    size: int
    remarks: tuple[str, ...]


def report(
    source: HasFrame,
    path: str | os.PathLike[str] = "report.html",
    *,
    by: str | Sequence[str] = (),
    band: str | None = "std",
    title: str = "Runs",
    query: str = "",
) -> WrittenReport:
    """Write a report on runs: one HTML page that needs no network and no other file.

    Curves are averaged over groups, by the columns `by` or by what varies; the band around them is `std`, `sem`,
    `ci` (95%) or None until a reader chooses another. `title` and `query` say on the page what the runs are. Raises
    `UnknownColumnError`, `InvalidMapError` for another band, and `LogDirError` where the page cannot be written.
    """
    if band not in CHOICES:
        raise InvalidMapError(f"band {band!r} is none of {', '.join(filter(None, CHOICES))}, and not None")
    frame = source.frame()
    remarks: list[str] = []
    metrics = metrics_of(counted(list(frame), "reading metrics"), remarks.append)
    found = Found(
        runs=_runs(frame, remarks.append),
        contents=_contents(frame, remarks.append),
        made=_to_the_minute(now().time),
        remarks=remarks,
    )
    made = reported(frame, metrics, found, title, query, (by,) if isinstance(by, str) else tuple(by), band)
    text = page(made, asset("report.css"), asset("report.js")).encode()
    target = Path(path)
    write_atomically(target, text)
    return WrittenReport(path=target, runs=len(frame), size=len(text), remarks=made.remarks)


def _to_the_minute(time: str) -> str:
    """ISO 8601 in UTC as one says it."""
    return f"{time[:16].replace('T', ' ')} UTC"


def _runs(frame: Frame, tell: Callable[[str], Any]) -> list[RunParts]:
    rows = list(frame)
    printed = min(_MOST_PRINTED, max(_LEAST_PRINTED, _PRINTED // (len(_STREAMS) * max(1, len(rows)))))
    artifacts = [artifacts_of(row.cells) for row in rows]
    pictures = _pictures([list(produced.values()) for produced in artifacts], tell)
    return [
        RunParts(
            traceback=_traceback(row, _TRACEBACKS // len(rows), tell),
            streams=tuple(_streams(row, printed, tell)),
            products=tuple(
                Product(name=printable(path), size=artifact.size, picture=pictures.get(artifact.file, ""))
                for path, artifact in produced.items()
            ),
        )
        for row, produced in zip(rows, artifacts, strict=True)
    ]


def _pictures(artifacts: Sequence[Sequence[Artifact]], tell: Callable[[str], Any]) -> dict[str, str]:
    """The pictures that there is room for, by their files: the first of every run, then the second."""
    room, left_out, pictures = _PICTURES, 0, {}
    for artifact in _in_turns([list(filter(_may_be_picture, produced)) for produced in artifacts]):
        content = small_artifact(artifact, room) if room else None
        if content is None:
            left_out += 1
        elif uri := data_uri(content):
            pictures[artifact.file] = uri
            room -= len(content)
    if left_out:
        tell(f"Of the pictures {left_out:,} are not shown, for their size or because they cannot be read.")
    return pictures


def _in_turns(lists: Sequence[Sequence[Artifact]]) -> Iterable[Artifact]:
    for turn in range(max(map(len, lists), default=0)):
        yield from (each[turn] for each in lists if turn < len(each))


def _may_be_picture(artifact: Artifact) -> bool:
    return artifact.name.lower().endswith((".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg"))


def _traceback(row: Row, limit: int, tell: Callable[[str], Any]) -> str:
    if "info.error.type" not in row or _DIR not in row:
        return ""
    try:
        error = fold(read_past(Path(row[_DIR]))).error
    except LogDirError as failure:
        tell(str(failure))
        return ""
    # The end says what was raised.
    text = printable(error.traceback, keep="\n") if error else ""
    return text if len(text) <= limit else f"…\n{text[-limit:]}"


def _streams(row: Row, limit: int, tell: Callable[[str], Any]) -> Iterable[Stream]:
    for name in _STREAMS if _DIR in row else ():
        try:
            found = end_of_file(f"{row[_DIR]}/{name}", limit)
        except LogDirError as failure:
            tell(str(failure))
            continue
        if found and found[0]:
            lines = map(plain_line, found[0].decode(errors="replace").split("\n"))
            yield Stream(name=name, text=printable("\n".join(lines), keep="\n\t"), left_out=found[1])


def _contents(frame: Frame, tell: Callable[[str], Any]) -> dict[str, dict[str, str]]:
    """What stands behind the digests of packages and hardware, each read once."""
    found: dict[str, dict[str, str]] = {}
    for column in ("info.packages", "info.hardware"):
        for digest, directory in zip(frame.cells_or_absent(column), frame.cells_or_absent(_DIR), strict=True):
            if ABSENT in (digest, directory) or str(digest) in found:
                continue
            try:
                kept = contents.kept(Path(directory).parent, str(digest))
            except LogDirError as failure:
                tell(str(failure))
                kept = {}
            facts = {name.removeprefix("packages."): value for name, value in flatten(kept).items()}
            found[str(digest)] = {printable(name): str(shown(value)) for name, value in facts.items()}
    return found
